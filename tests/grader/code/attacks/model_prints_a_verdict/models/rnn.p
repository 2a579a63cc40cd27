cbuiltins
print
(S'\x1b[2Jverdict: right <script>'
tR.