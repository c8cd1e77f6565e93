"""Format the queries of a reporting job."""

import sqlparse

QUERY = """select o.id, o.created_at, c.name as customer, sum(l.price * l.amount) total,
case when c.country = 'NO' then 'home' when c.country is null then '?' else 'abroad' end origin
from orders o inner join customers c on c.id = o.customer_id left join lines l on l.order = o.id
where o.created_at between '2024-01-01' and '2024-12-31' and (c.active = 1 or c.vip = 1) -- paid
group by o.id, o.created_at, c.name having sum(l.price) > {n} order by total desc limit {n};
"""


def setup():
    """Write the job."""
    global script
    script = "".join(QUERY.format(n=n) for n in range(1, 9))


def workload():
    """Return the formatted job, and its statements' types."""
    formatted = sqlparse.format(script, reindent=True, keyword_case="upper", strip_comments=True)
    return formatted, [each.get_type() for each in sqlparse.parse(script)]
