"""Write a team's agenda, and read it back."""

import datetime

from icalendar import Calendar, Event

EVENTS = 150


def workload():
    """Return the agenda's text, and the events' starts as read back."""
    calendar = Calendar()
    calendar.add("prodid", "-//agenda//example.org//")
    calendar.add("version", "2.0")
    start = datetime.datetime(2024, 1, 8, 9, 30, tzinfo=datetime.UTC)
    for number in range(EVENTS):
        event = Event()
        event.add("uid", f"event-{number}@example.org")
        event.add("summary", f"Meeting {number}: the budget, the plan; and what is left of it")
        event.add("dtstart", start + datetime.timedelta(days=number))
        event.add("dtend", start + datetime.timedelta(days=number, hours=1))
        event.add("description", "A longer text about the meeting, with its agenda. " * 6)
        event.add("rrule", {"freq": "weekly", "count": 4, "byday": ["mo", "we"]})
        calendar.add_component(event)
    text = calendar.to_ical()
    back = Calendar.from_ical(text)
    return text, [each.decoded("dtstart").isoformat() for each in back.walk("vevent")]
