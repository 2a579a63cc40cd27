cos
_exit
(I0
tR.