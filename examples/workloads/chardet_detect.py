"""Guess the encodings of a mailbox's attachments."""

import chardet

TEXTS = {
    "utf-8": "Größe, façade, naïve, smörgåsbord, žluťoučký kůň příliš úpěl ďábelské ódy. ",
    "windows-1251": "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
    "shift_jis": "いろはにほへと ちりぬるを わかよたれそ つねならむ。",
    "euc-kr": "다람쥐 헌 쳇바퀴에 타고파. 키스의 고유조건은 입술끼리 만나야 한다. ",
    "iso-8859-7": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, τάχιστη αλώπηξ. ",
}


def setup():
    """Encode each text, a few kilobytes long."""
    global attachments
    attachments = [(text * 60).encode(encoding) for encoding, text in TEXTS.items()]


def workload():
    """Return what is guessed for each attachment."""
    return [chardet.detect(attachment) for attachment in attachments]
