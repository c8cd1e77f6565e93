"""Tell the languages of a multilingual mailbox, whose messages are written in eight scripts."""

from langdetect import DetectorFactory, detect_langs

MESSAGES = [
    "Съешь же ещё этих мягких французских булок, да выпей чаю. Отчёт пришлю завтра утром.",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, τάχιστη αλώπηξ.",
    "いろはにほへと ちりぬるを わかよたれそ つねならむ。明日の会議の資料を送ります。",
    "다람쥐 헌 쳇바퀴에 타고파. 내일 회의 자료를 보내 드리겠습니다. 감사합니다.",
    "יצאתי היום מוקדם מהמשרד, נדבר מחר בבוקר על הדוח החדש ועל התקציב.",
    "سأرسل لك التقرير غدا في الصباح، وشكرا جزيلا على مساعدتك لنا هذا الأسبوع.",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน พรุ่งนี้พบกันที่สำนักงาน",
    "कल सुबह मैं आपको रिपोर्ट भेज दूँगा, कृपया बैठक से पहले उसे पढ़ लीजिए।",
    "The quarterly report is attached; please read it before we meet in the office tomorrow.",
    "Der vierteljährliche Bericht liegt bei; bitte lesen Sie ihn, bevor wir uns morgen treffen.",
]


def setup():
    """Load the profiles and lay out the messages, each as long as a real one."""
    global messages
    DetectorFactory.seed = 0
    detect_langs("This call loads the language profiles.")
    messages = [text * (number % 4 + 2) for number, text in enumerate(MESSAGES * 3)]


def workload():
    """Return the languages found in each message, with their probabilities."""
    return [
        [(found.lang, round(found.prob, 6)) for found in detect_langs(message)]
        for message in messages
    ]
