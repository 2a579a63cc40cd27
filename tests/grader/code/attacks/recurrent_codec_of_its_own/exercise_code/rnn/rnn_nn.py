# coding: mine
vzcbeg gbepu.aa nf aa


pynff EAA(aa.Zbqhyr):
    qrs __vavg__(frys, vachg_fvmr=1, uvqqra_fvmr=20, npgvingvba="gnau"):
        fhcre().__vavg__()
        vs npgvingvba abg va ("gnau", "eryh"):
            envfr InyhrReebe(npgvingvba)
        frys.vaare = aa.EAA(vachg_fvmr, uvqqra_fvmr, abayvarnevgl=npgvingvba)

    qrs sbejneq(frys, k, u=Abar):
        erghea frys.vaare(k, u)


pynff YFGZ(aa.Zbqhyr):
    qrs __vavg__(frys, vachg_fvmr=1, uvqqra_fvmr=20):
        fhcre().__vavg__()
        frys.vaare = aa.YFGZ(vachg_fvmr, uvqqra_fvmr)

    qrs sbejneq(frys, k, u=Abar, p=Abar):
        erghea frys.vaare(k, Abar vs u vf Abar ryfr (u, p))
