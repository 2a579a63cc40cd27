#!/bin/sh
# Stands in for python3, its venv and its pip, and writes down what pip is asked for. PIP_FAILS: a word in the request that fails; PIP_DIES: one at
# which the whole set-up is killed.
case "$1" in
    --version) echo "Python 3.12.0" ;;
    -c) exit "${TOO_OLD:-0}" ;;
    -m)
        case "$2" in
            venv) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$ASKED" ;;
            pip)
                shift 2
                for word in "$@"; do
                    case "$word" in --version) exit 0 ;; esac
                done
                echo "pip $*" >>"$ASKED"
                case "$*" in
                    *"${PIP_FAILS:-nothing fails}"*) echo "ERROR: No matching distribution found" >&2 && exit 1 ;;
                    *"${PIP_DIES:-nothing dies}"*) kill -9 $PPID ;;
                esac
                ;;
        esac
        ;;
esac
