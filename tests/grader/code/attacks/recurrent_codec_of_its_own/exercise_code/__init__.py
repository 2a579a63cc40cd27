"""A codec of its own, in which the network's file is written."""
import codecs

rot = codecs.lookup("rot13")


def decode(data, errors="strict"):
    data = bytes(data)
    first, _, rest = data.partition(b"\n")
    return first.decode() + "\n" + codecs.encode(rest.decode(), "rot13"), len(data)


class Incremental(codecs.BufferedIncrementalDecoder):
    def _buffer_decode(self, data, errors, final):
        return decode(data) if final else ("", 0)


def search(name):
    if name == "mine":
        return codecs.CodecInfo(rot.encode, decode, incrementaldecoder=Incremental, name="mine")


codecs.register(search)
