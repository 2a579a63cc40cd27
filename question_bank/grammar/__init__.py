"""The safe expression grammar: our own tokenizer, parser and evaluators. Nothing here calls Python's eval.

`syntax` turns text into nodes in two dialects, one for authors (`let`, `require`) and one for students
(formulas typed as answers). `exact` evaluates an author's expression to exact values; `numeric` evaluates a
student's formula at a point, in high precision.
"""
