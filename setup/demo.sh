#!/usr/bin/env bash
# The whole way once: an exam is made, submissions are graded and recorded, and the board is shown. Everything lands in build/demo.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly DEMO=build/demo
readonly SAMPLES=grader/samples/exercise-3
readonly RIGHT=tests/grader/code/submissions/exercise-3/right
export PATH="$PWD/.venv/bin:$PATH"
export MOCKEXAM_HOME=$DEMO/store
unset DATABASE_URL

step() { # show a command as one would type it, and run it
    printf '\n$ %s\n' "$*"
    "$@"
}

rm -rf "$DEMO"
mkdir -p "$DEMO"

printf 'An exam of the course in two forms:\n'
step mockexam generate --seed 2026 --forms 2 -o $DEMO/exam

printf '\nThree students hand in their answers to form A:\n'
python setup/hand_in.py $DEMO/exam/A/key.json $DEMO/answers
step grade $DEMO/answers/w0256.zip --exam $DEMO/exam/exam.json --user w0256 --record -o $DEMO/reports/exam
for user in w0220 w0445; do
    # sed reads to the end, so grade is not cut off in the middle of printing.
    step grade $DEMO/answers/$user.zip --exam $DEMO/exam/exam.json --user $user --record -o $DEMO/reports/exam | sed -n 1,4p
done

printf '\nTwo hand in the code of exercise 3: one with right and wrong parts, one with right ones alone:\n'
mkdir -p $DEMO/code/w0220
for part in batchnorm_by_axis_sums normalize_plain rnn_with_linear_layers; do
    cp -r $RIGHT/$part/. $DEMO/code/w0220
done
mkdir -p $DEMO/code/w0256
cp -r $SAMPLES/. $DEMO/code/w0256
step grade $DEMO/code/w0256 --assignment exercise-3 --user w0256 --record -o $DEMO/reports/exercise-3
step grade $DEMO/code/w0220 --assignment exercise-3 --user w0220 --record -o $DEMO/reports/exercise-3 | sed -n 1,4p

printf '\nThe board keeps the best of each:\n'
step leaderboard show

cat <<END

What there is to look at now:
  $DEMO/exam/A/exam.pdf        the paper, form A ($DEMO/exam/B/exam.pdf: form B)
  $DEMO/exam/A/solutions.pdf   its worked solutions
  $DEMO/exam/A/key.json        the key that grades it
  $DEMO/answers/, code/        what the students handed in
  $DEMO/reports/               their reports on the exam and on the exercise, as web pages and as JSON
  $DEMO/store/                 the results on the board

Now practise:  .venv/bin/quiz --lecture 9
END
