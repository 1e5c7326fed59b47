"""The storefront's pages, walked by a browser without JavaScript: links and forms only.

    storefront_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import concurrent.futures
import datetime
import html.parser
import http.client
import json
import re
import socket
import sys
import tempfile
import unittest
import urllib.parse

import with_demo
from stripe_peer import SECRET, Stripe
from with_demo import Caller, comes_to, demo_server

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path"}


class Document(html.parser.HTMLParser):
    """What a page is made of: elements with their attributes and texts, and forms with their fields. Badly nested pages are refused."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.forms, self.open, self.words = [], [], [], []
        self.feed(text)
        self.close()
        if self.open:
            raise AssertionError(f"not closed: {[tag for tag, _ in self.open]}")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.elements.append([tag, attrs, ""])
        if tag == "form":
            self.forms.append({"action": attrs["action"], "method": attrs["method"], "id": attrs.get("id"), "fields": {}})
        of = next((form for form in self.forms if "form" in attrs and form["id"] == attrs["form"]), None)
        if of is None and any(name == "form" for name, _ in self.open):
            of = self.forms[-1]
        unchosen = attrs.get("type") == "radio" and "checked" not in attrs
        if of is not None and tag in ("input", "textarea", "select") and "name" in attrs and not unchosen:
            of["fields"][attrs["name"]] = attrs.get("value", "")
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_startendtag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            raise AssertionError(f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)
        for _, index in self.open:
            self.elements[index][2] += data

    def all(self, tag, **wanted):
        return [e for e in self.elements if e[0] == tag and all(e[1].get(k.rstrip("_").replace("_", "-")) == v for k, v in wanted.items())]

    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def form(self, action):
        return next(form for form in self.forms if form["action"].startswith(action))


class Browser:
    """Follows redirects, keeps cookies by their path, sends forms."""

    def __init__(self, handles, host="atlas.localhost"):
        self.port = int(handles["baseUrl"].rsplit(":", 1)[1])
        self.host, self.cookies, self.at, self.document = f"{host}:{self.port}", {}, "", None

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        send = {"Host": self.host, **(headers or {})}
        cookies = [pair for place, pair in self.cookies.items() if path.split("?")[0].startswith(place)]
        if cookies:
            send["Cookie"] = "; ".join(cookies)
        if body is not None:
            send["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, send)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        if cookie := response.getheader("Set-Cookie"):
            assert "HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie
            self.cookies[re.search(r"Path=([^;]+)", cookie)[1]] = cookie.split(";")[0]
        return response, text

    def go(self, path, method="GET", body=None):
        for _ in range(5):
            path = path.split("#")[0]
            response, text = self.ask(method, path, body)
            if response.status != 303:
                break
            path, method, body = response.getheader("Location"), "GET", None
        self.at = path
        if response.getheader("Content-Type", "").startswith("text/html"):
            self.document = Document(text)
            policy = response.getheader("Content-Security-Policy")
            assert "unsafe" not in policy and "script-src 'self'" in policy and "default-src 'none'" in policy, policy
        return response.status, text

    def send(self, action, button=None, **typed):
        form = self.document.form(action)
        body = urllib.parse.urlencode({**form["fields"], **typed, **({button["name"]: button["value"]} if button else {})})
        if form["method"] == "get":
            return self.go(form["action"].split("#")[0] + "?" + body)
        return self.go(form["action"], "POST", body)


class Shop(unittest.TestCase):
    """A server with a shop, and who looks at it."""

    flags = ["--dev"]

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server = demo_server(SERVER, *self.flags, data=folder.name)
        self.handles, _ = server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        self.call = Caller(self.handles)
        self.browser = Browser(self.handles)

    def made(self, answer):
        self.assertIn(answer[0], (200, 201), answer[1])
        return answer[1]

    def room(self, **fields):
        """An offering of one at a time, open every day."""
        offering = self.made(self.call("POST", "/v1/api/offerings", {
            "title": "Test Room", "productTypeKey": "space", "basePriceCents": 5000, "currency": "EUR", "status": "PUBLISHED",
            "autoApprove": True, **fields}))
        for weekday in range(7):
            self.made(self.call("POST", f"/v1/provider/offerings/{offering['id']}/availability/rules",
                                {"dayOfWeek": weekday, "startTime": "08:00", "endTime": "20:00", "slotMinutes": 60, "capacity": 1}))
        return offering

    def checkout(self, offering, browser=None):
        browser = browser or self.browser
        self.assertEqual(browser.go("/o/" + offering["slug"])[0], 200)
        return browser.send("/hold")


class Storefront(Shop):
    def test_the_journey_from_the_front_page_to_the_money_back(self):
        browser, offering = self.browser, self.room(cancellationPolicy={"kind": "FLEXIBLE", "graceMinutes": 60})
        self.made(self.call("POST", "/v1/api/coupons", {"code": "TENOFF", "kind": "PERCENT", "amount": 10}))
        self.assertEqual(browser.go("/")[0], 200)
        self.assertIn("Test Room", browser.document.text())
        browser.send("/", q="test room", min="1", max="60")
        self.assertEqual([e[2] for e in browser.document.all("h2")], ["Test Room"])
        browser.send("/", q="no such thing")
        self.assertIn("Nothing fits", browser.document.text())
        browser.go("/?category=yoga")
        self.assertIn("Morning Vinyasa", browser.document.text())
        self.assertNotIn("Test Room", browser.document.text())

        self.assertEqual(browser.go("/o/" + offering["slug"])[0], 200)
        self.assertIn("€50 an hour", browser.document.text())
        days = [e for e in browser.document.all("a") if "free" in e[1].get("aria-label", "")]
        self.assertGreater(len(days), 0)
        browser.go(days[-1][1]["href"])
        self.assertEqual(browser.document.all("a", aria_label=days[-1][1]["aria-label"])[0][1].get("aria-current"), "date")
        self.assertEqual(len(browser.document.all("a", aria_current="date")), 1)
        self.assertEqual(browser.send("/hold")[0], 200)
        self.assertIn("This time is kept for you until", browser.document.text())
        self.assertIn("Total €50", browser.document.text())

        # A coupon that is none, then one that is. What was typed stays.
        apply = {"name": "apply", "value": "yes"}
        browser.send("/checkout", button=apply, coupon="NOSUCH", name="Ada <Lovelace>")
        self.assertTrue(browser.document.all("p", id="coupon-wrong"))
        self.assertIn("Total €50", browser.document.text())
        browser.send("/checkout", button=apply, coupon="tenoff")
        self.assertIn("-€5", browser.document.text())
        self.assertIn("Total €45", browser.document.text())
        self.assertEqual(browser.document.all("input", id="name")[0][1]["value"], "Ada <Lovelace>")

        # What is wrong is said where it is.
        self.assertEqual(browser.send("/checkout", email="nonsense")[0], 422)
        self.assertTrue(browser.document.all("p", id="email-wrong"))
        body = urllib.parse.urlencode({**browser.document.form("/checkout")["fields"], "email": "ada@example.com", "notes": "Near the door"})
        self.assertEqual(browser.go("/checkout", "POST", body)[0], 200)
        self.assertTrue(browser.at.endswith("/pay"), browser.at)
        booked = browser.at
        browser.go("/checkout", "POST", body)  # sent twice, it is booked once
        self.assertEqual(browser.at, booked)
        browser.go(booked.removesuffix("/pay"))  # who pays later finds the way back, and until when
        self.assertIn("€45 is still to be paid, by", browser.document.text())
        browser.go(browser.document.all("a", href=booked)[0][1]["href"])

        browser.send(booked, card="4000 0000 0000 0002")
        self.assertIn("You can try another card.", browser.document.text())
        browser.send(booked, card="4000 0027 6000 3184")
        self.assertIn("Your bank wants to know that it is you.", browser.document.text())
        browser.send(booked, button={"name": "agreed", "value": "no"})
        self.assertIn("You can try another card.", browser.document.text())
        browser.send(booked, card="4242 4242 4242 4242")
        receipt = booked.removesuffix("/pay")
        self.assertEqual(browser.at, receipt)
        comes_to(lambda: browser.go(receipt) and "See you soon, Ada <Lovelace>" in browser.document.text())
        self.assertIn("Paid €45", browser.document.text())

        response, text = browser.ask("GET", receipt + "/calendar.ics")
        self.assertEqual((response.status, response.getheader("Content-Type")), (200, "text/calendar; charset=utf-8"))
        self.assertIn("SUMMARY:Test Room\r\n", text)
        self.assertTrue(all(len(line.encode()) <= 75 for line in text.split("\r\n")))

        # Nobody else sees it; whoever has its link does, and the token leaves the address.
        stranger = Browser(self.handles)
        self.assertEqual(stranger.go(receipt)[0], 404)
        token = browser.cookies["/bookings"].split(":")[1].split("~")[0]
        stranger.go(receipt + "?token=" + token)
        self.assertEqual((stranger.at, "See you soon" in stranger.document.text()), (receipt, True))
        self.assertEqual(Browser(self.handles).go(receipt + "?token=wrong")[0], 404)
        self.assertEqual(browser.go(receipt + "?token=wrong")[0], 200)  # and a wrong one takes no right one away

        browser.go(receipt + "/cancel")
        self.assertIn("100 % of what you paid goes back.", browser.document.text())
        browser.send(receipt + "/cancel")
        comes_to(lambda: browser.go(receipt) and "Refunded" in browser.document.text())
        self.assertIn("Given back €45", browser.document.text())

    def booked(self, browser=None, **fields):
        """A free booking, confirmed at once: its page, and the offering."""
        browser = browser or self.browser
        offering = self.room(basePriceCents=0, **fields)
        self.checkout(offering, browser)
        self.assertEqual(browser.send("/checkout", name="Ada Lovelace", email="ada@example.com")[0], 200)
        self.assertIn("See you soon", browser.document.text())
        return browser.at, offering

    def test_a_booking_is_moved_by_page(self):
        browser = self.browser
        place, offering = self.booked()
        was = self.made(self.call("GET", "/v1/api/bookings/" + place.rsplit("/", 1)[1]))["items"][0]
        browser.go(place + "/move")
        self.assertNotIn(was["startsAt"], [e[1]["datetime"] for e in browser.document.all("time")])
        chosen = browser.document.all("time")[-1][1]["datetime"]
        last = [form for form in browser.document.forms if form["fields"].get("start") == chosen][0]
        other = Browser(self.handles)  # who is quicker
        browser.go(f"{last['action']}?" + urllib.parse.urlencode(last["fields"]))
        self.assertIn("Move your booking?", browser.document.text())
        other.go("/o/" + offering["slug"] + "?day=" + chosen[:10])
        body = urllib.parse.urlencode({"o": offering["slug"], "start": chosen, "end": last["fields"]["end"], "nonce": "x"})
        self.assertEqual(other.go("/hold", "POST", body)[0], 200)
        self.assertEqual(browser.send(place + "/move")[0], 409)
        self.assertIn("Your booking stays as it was", browser.document.text())
        browser.send(place + "/move")  # the first that is free
        browser.send(place + "/move")
        self.assertEqual(browser.at, place)
        now = self.made(self.call("GET", "/v1/api/bookings/" + place.rsplit("/", 1)[1]))["items"][0]
        self.assertNotEqual(now["startsAt"], was["startsAt"])
        self.assertNotEqual(now["startsAt"], chosen)
        # Where it may not be moved, no page offers to.
        fixed, _ = self.booked(rescheduleAllowed=False)
        self.assertNotIn("Move to another time", browser.document.text())
        self.assertEqual(browser.go(fixed + "/move")[0], 409)

    def test_reviews_and_disputes_by_page(self):
        browser = self.browser
        place, offering = self.booked()
        browser.go(place + "/review")
        self.assertEqual(browser.send(place + "/review", title="No stars")[0], 422)
        self.assertIn("Please choose from one to five stars.", browser.document.text())
        browser.send(place + "/review", rating="4", title="Bright <b>and</b> quiet", text="We will\r\ncome back.")
        self.assertEqual(browser.at, place)
        stranger = Browser(self.handles)
        stranger.go("/o/" + offering["slug"])
        self.assertIn("Bright <b>and</b> quiet", stranger.document.text())
        self.assertIn("Rated 4.0", stranger.document.text())
        browser.go(browser.document.all("a", href=place + "/review")[0][1]["href"])
        self.assertEqual(browser.document.all("input", value="4")[0][1].get("checked", "no"), None)
        browser.send(place + "/review", rating="5", title="", text="Even better")
        stranger.go("/o/" + offering["slug"])
        self.assertIn("Rated 5.0", stranger.document.text())
        browser.go(place + "/review")
        browser.send(place + "/review", button={"name": "delete", "value": "yes"})
        stranger.go("/o/" + offering["slug"])
        self.assertIn("Nobody has written one yet.", stranger.document.text())

        browser.go(browser.document.all("a", href=place + "/disputes/new")[0][1]["href"])
        evidence = "https://photos.example/1\nhttps://photos.example/2"
        self.assertEqual(browser.send(place + "/disputes/new", category="UNSAFE", reason="The door", evidence="http://10.0.0.1/x")[0], 422)
        self.assertTrue(browser.document.all("p", id="evidence-wrong"))
        self.assertEqual(browser.document.all("textarea", id="reason")[0][2], "The door")
        browser.send(place + "/disputes/new", category="UNSAFE", reason="The door\nwas locked", evidence=evidence)
        thread = browser.at
        self.assertIn("Being talked about", browser.document.text())
        self.assertEqual([e[1]["href"] for e in browser.document.all("a", rel="nofollow noopener noreferrer")], evidence.split("\n"))
        self.made(self.call("POST", f"/v1/provider/disputes/{thread.rsplit('/', 1)[1]}/messages", {"text": "We are sorry."}))
        browser.send(thread, button={"name": "act", "value": "message"}, text="And now?")
        for words in ("Atlas Studios", "We are sorry.", "And now?"):
            self.assertIn(words, browser.document.text())
        browser.send(thread, button={"name": "act", "value": "escalate"})
        self.assertIn("The platform looks at it", browser.document.text())
        browser.send(thread, button={"name": "act", "value": "withdraw"})
        self.assertIn("Withdrawn", browser.document.text())
        browser.go(place)
        self.assertIn("Something went wrong?", browser.document.text())
        self.assertEqual(Browser(self.handles).go(thread)[0], 404)

    def test_what_a_browser_has_booked_is_listed_to_it(self):
        browser = self.browser
        browser.go("/bookings")
        self.assertIn("Nothing was booked in this browser.", browser.document.text())
        places = [self.booked()[0] for _ in range(2)]
        browser.go("/bookings")
        self.assertEqual({e[1]["href"] for e in browser.document.all("a") if e[1]["href"].startswith("/bookings/")}, set(places))
        for place in places:
            self.assertEqual(browser.go(place)[0], 200)

    def test_customers_come_in_by_a_link_in_a_mail(self):
        place, _ = self.booked()
        other = Browser(self.handles)
        other.go("/bookings")
        other.send("/bookings/link", email="nobody@example.com")
        words = other.document.text().replace("nobody", "ada")
        self.assertEqual(other.go("/bookings/link", "POST", "email=nonsense")[0], 422)
        other.go("/bookings")
        other.send("/bookings/link", email="ada@example.com")
        self.assertEqual(other.document.text(), words)  # nobody learns who has booked here
        mails = lambda: [mail for mail in self.call("GET", "/dev/mail")[1] if "/bookings/open" in mail["text"]]  # noqa: E731
        comes_to(lambda: len(mails()) == 1)
        mail = mails()[0]
        self.assertEqual(mail["to"], "ada@example.com")
        link = re.search(r"http://atlas\.localhost:\d+(/bookings/open\?link=\S+)", mail["text"])[1]
        other.go(link)  # looked at, as programs that guard mails do, it is not used up
        other.go(link)
        other.send("/bookings/open")
        self.assertEqual(other.at, "/bookings")
        self.assertTrue(other.document.all("a", href=place))
        self.assertEqual(other.go(place)[0], 200)
        other.go("/bookings")
        other.send("/bookings/calendar")
        address = other.document.all("input", id="calendar")[0][1]["value"]
        self.assertTrue(other.document.all("a", href="webcal" + address[address.index(":"):]))
        feed = lambda: other.ask("GET", urllib.parse.urlsplit(address).path)  # noqa: E731
        self.assertEqual(feed()[0].status, 200)
        self.assertEqual(feed()[1].count("BEGIN:VEVENT"), 1)
        other.send("/bookings/calendar/end")
        self.assertIn("No calendar follows your bookings any more.", other.document.text())
        self.assertEqual(feed()[0].status, 404)
        second = Browser(self.handles)
        second.go(link)
        self.assertEqual(second.send("/bookings/open")[0], 404)  # once
        self.assertIn("Have a new one sent", second.document.text())
        other.go("/bookings")
        other.send("/bookings/leave")
        self.assertIn("Nothing was booked in this browser.", other.document.text())
        self.assertEqual(other.go(place)[0], 404)
        other.cookies["/bookings"] = "session=cst_" + "a" * 48
        other.go("/bookings")
        self.assertTrue(other.document.form("/bookings/link"))  # one that is over is none

    def test_a_browser_without_cookies_keeps_the_link(self):
        class Forgetful(dict):
            def __setitem__(self, *_):
                pass
        browser, offering = self.browser, self.room(cancellationPolicy={"kind": "FLEXIBLE", "graceMinutes": 60})
        browser.cookies = Forgetful()
        self.checkout(offering)
        browser.send("/checkout", name="Ada", email="ada@example.com")
        self.assertIn("/pay?", browser.at)
        browser.send(browser.document.forms[0]["action"], card="4242424242424242")
        comes_to(lambda: browser.go(browser.at) and "See you soon" in browser.document.text())
        browser.go(next(e[1]["href"] for e in browser.document.all("a") if "/cancel" in e[1]["href"]))
        browser.send(browser.document.form("/bookings/")["action"])
        comes_to(lambda: browser.go(browser.at) and "Refunded" in browser.document.text())

    def test_for_how_long_and_how_many(self):
        browser = self.browser
        offering = self.made(self.call("POST", "/v1/api/offerings", {
            "title": "Big Room", "productTypeKey": "space", "basePriceCents": 5000, "currency": "EUR", "status": "PUBLISHED", "timeZone": "Asia/Tokyo",
            "maxDurationMinutes": 180}))
        for weekday in range(7):
            self.made(self.call("POST", f"/v1/provider/offerings/{offering['id']}/availability/rules",
                                {"dayOfWeek": weekday, "startTime": "08:00", "endTime": "20:00", "slotMinutes": 60, "capacity": 3}))
        browser.go("/o/big-room?name=x")
        self.assertEqual([e[2] for e in browser.document.all("option")], ["1 hour", "2 hours", "3 hours", "1", "2", "3"])
        browser.send("/o/big-room", length="120", quantity="2")
        days = [e for e in browser.document.all("a") if "free" in e[1].get("aria-label", "")]
        browser.go(days[1][1]["href"])  # and both go along from day to day
        form = browser.document.form("/hold")["fields"]
        self.assertEqual(form["quantity"], "2")
        browser.send("/hold")
        self.assertIn("2 hours", browser.document.text())
        self.assertIn("Total €200", browser.document.text())
        # The address can't say that it is something else.
        self.made(self.call("POST", "/v1/api/offerings", {"title": "Palace", "productTypeKey": "space", "basePriceCents": 1, "currency": "EUR", "status": "PUBLISHED"}))
        held = browser.at
        browser.go(re.sub(r"o=[^&]+", "o=palace", re.sub(r"until=[^&]+", "until=2099-01-01T00%3A00%3A00Z", held)))
        self.assertIn("Big Room", browser.document.text())
        self.assertNotIn("Palace", browser.document.text())
        self.assertNotIn("2099", browser.document.text())
        browser.go(held)
        browser.send("/checkout", name="Ada", email="ada@example.com")
        place = browser.at.removesuffix("/pay")
        browser.go("/bookings")
        self.assertIn("Asia/Tokyo", browser.document.text())
        # Moving counts both of them, and keeps the length.
        other = Browser(self.handles)
        other.go("/o/big-room?quantity=2&length=120")
        taken = other.document.form("/hold")["fields"]["start"]
        other.send("/hold")
        browser.go(place + "/move?day=" + taken[:10])
        self.assertNotIn(taken, [form["fields"].get("start") for form in browser.document.forms])
        for form in browser.document.forms:
            if "start" in form["fields"]:
                start, end = (datetime.datetime.fromisoformat(form["fields"][name]) for name in ("start", "end"))
                self.assertEqual(end - start, datetime.timedelta(hours=2))

    def test_hosts_are_found_however_they_are_written(self):
        for host in ("Atlas.Localhost", "atlas.localhost."):
            self.assertEqual(Browser(self.handles, host).go("/")[0], 200, host)

    def test_what_is_free_on_a_date_and_has_a_feature(self):
        self.room(title="Open Room", attributes={"amenities": ["harp"]})
        closed = self.made(self.call("POST", "/v1/api/offerings", {
            "title": "Closed Room", "productTypeKey": "space", "basePriceCents": 5000, "currency": "EUR", "status": "PUBLISHED",
            "attributes": {"amenities": ["harp"]}}))
        browser, titles = self.browser, lambda: sorted(e[2] for e in self.browser.document.all("h2"))
        browser.go("/")
        self.assertTrue(browser.document.all("option", value="amenities:harp"))
        browser.send("/", **{"with": "amenities:harp"})
        self.assertEqual(titles(), ["Closed Room", "Open Room"])
        browser.go("/o/open-room")
        start = browser.document.form("/hold")["fields"]["start"][:10]
        browser.go("/")
        browser.send("/", date=start, **{"with": "amenities:harp"})
        self.assertEqual(titles(), ["Open Room"])
        self.assertEqual(browser.document.all("input", name="date")[0][1]["value"], start)
        browser.send("/", date="2019-01-01")
        self.assertIn("Nothing fits", browser.document.text())
        browser.send("/", date="someday")
        self.assertIn("Nothing fits", browser.document.text())
        self.assertEqual(closed["status"], "PUBLISHED")

    def test_a_storefront_says_what_its_tenant_wants_said(self):
        room = self.room()
        browser = self.browser
        self.made(self.call("PATCH", "/v1/provider/branding", {
            "template": "GALLERY", "tagline": "By the <river>", "announcement": {"text": "Closed at & around noon", "linkUrl": "https://atlas.example/noon"},
            "saleBadges": [{"label": "-20 %", "offeringIds": [room["id"]]}], "embedOrigins": ["https://www.atlas.example"]}))
        browser.go("/")
        self.assertEqual(browser.document.all("body")[0][1]["class"], "look-gallery")
        for words in ("By the <river>", "Closed at & around noon"):
            self.assertIn(words, browser.document.text())
        self.assertEqual(browser.document.all("a", href="https://atlas.example/noon")[0][2], "Closed at & around noon")
        self.assertEqual([e[2] for e in browser.document.all("p", class_="sale")], ["-20 %"])
        browser.go("/o/" + room["slug"])
        self.assertEqual([e[2] for e in browser.document.all("span", class_="sale")], ["-20 %"])
        response, _ = Browser(self.handles, "127.0.0.1").ask("GET", "/embed/v1/atlas/")
        self.assertIn("frame-ancestors 'self' https://www.atlas.example", response.getheader("Content-Security-Policy"))

    def test_a_page_that_was_kept_is_nobody_elses(self):
        """Pages are kept for a second: a change by this server shows at once, forms stay everyone's own, hosts and addresses apart."""
        offering = self.room()
        place = "/o/" + offering["slug"]
        pages = [self.browser.ask("GET", place)[1] for _ in range(20)]
        nonces = [re.search(r'name="nonce" value="([0-9a-f]{32})"', page)[1] for page in pages]
        self.assertEqual(len(set(nonces)), 20)
        self.assertEqual(len({page.replace(nonce, "").replace(re.search(r'data-now="([^"]+)"', page)[1], "")
                              for page, nonce in zip(pages, nonces)}), 1)
        browsers = [Browser(self.handles) for _ in range(5)]
        for browser in browsers:
            browser.go(place)
        first = browsers[0].document.form("/hold")["fields"]["start"]
        self.assertEqual(browsers[0].send("/hold")[0], 200)
        for browser in browsers[1:]:
            self.assertEqual(browser.send("/hold")[0], 409)  # not the first one's hold
            browser.go(place)
            self.assertNotEqual(browser.document.form("/hold")["fields"]["start"], first)
        self.made(self.call("PATCH", f"/v1/api/offerings/{offering['id']}", {"title": "Renamed"}))
        self.assertIn("Renamed", self.browser.ask("GET", place)[1])
        self.assertEqual(self.browser.ask("GET", place, headers={"Host": "nosuch.localhost"})[0].status, 404)
        self.assertIn("https://", self.browser.ask("GET", place, headers={"X-Forwarded-Proto": "https"})[1].split("canonical")[1][:20])
        self.assertIn("http://", self.browser.ask("GET", place)[1].split("canonical")[1][:20])

    def test_no_other_site_acts_for_a_customer(self):
        place, _ = self.booked()
        for path, body in ((place + "/cancel", ""), (place + "/move", "start=x"), (place + "/disputes/new", "reason=x"), ("/hold", "o=x")):
            for origin in ("http://evil.example", "http://other.localhost:1", "null"):
                response, _ = self.browser.ask("POST", path, body, {"Origin": origin})
                self.assertEqual(response.status, 403, (path, origin))
        own = {"Origin": "http://" + self.browser.host}
        self.assertEqual(self.browser.ask("POST", place + "/cancel", "", own)[0].status, 303)

    def test_a_widget_books_without_cookies(self):
        offering = self.room()
        browser = Browser(self.handles, "127.0.0.1")
        base = "/embed/v1/atlas"
        response, _ = browser.ask("GET", f"{base}/o/{offering['slug']}?name=Ada&email=ada%40example.com&coupon=NONE&other=x")
        self.assertEqual(response.status, 200)
        self.assertIn("frame-ancestors 'self'", response.getheader("Content-Security-Policy"))
        self.assertEqual(response.getheader("Cross-Origin-Resource-Policy"), "cross-origin")
        browser.go(f"{base}/o/{offering['slug']}?name=Ada&email=ada%40example.com")
        page = browser.document
        self.assertTrue(all(e[1]["href"].startswith((base, "#")) for e in page.all("a") if not e[1]["href"].startswith("http")))
        browser.send(base + "/hold")
        body = browser.document.all("body")[0][1]
        self.assertEqual(body["data-event"], "slot_selected")
        self.assertEqual(browser.document.all("input", id="email")[0][1]["value"], "ada@example.com")
        browser.send(base + "/checkout")
        self.assertEqual(browser.document.all("body")[0][1]["data-event"], "booking_created")
        paying = browser.document.forms[0]["action"]
        browser.send(paying, card="4242424242424242")
        comes_to(lambda: browser.go(browser.at) and browser.document.all("body")[0][1]["data-event"] == "booking_confirmed")
        self.assertIn("See you soon", browser.document.text())
        self.assertEqual(browser.cookies, {})
        browser.go(browser.document.all("a", href=browser.at.replace("?", "/cancel?"))[0][1]["href"])
        self.assertIn("Do you want to cancel?", browser.document.text())
        self.assertEqual(browser.go("/embed/v1/nosuch/")[0], 404)
        self.assertEqual(browser.go(f"{base}/bookings")[0], 404)
        # The storefront itself is framed by nobody.
        self.assertIn("frame-ancestors 'none'", self.browser.ask("GET", "/")[0].getheader("Content-Security-Policy"))

    def test_two_race_for_the_last_slot(self):
        offering, browsers = self.room(), [Browser(self.handles) for _ in range(2)]
        for browser in browsers:
            browser.go("/o/" + offering["slug"])
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            statuses = list(pool.map(lambda browser: browser.send("/hold")[0], browsers))
        self.assertEqual(sorted(statuses), [200, 409])
        loser = browsers[statuses.index(409)]
        self.assertIn("That time has just gone", loser.document.text())
        self.assertEqual(loser.send("/hold")[0], 200)  # the next free one
        self.assertEqual(self.checkout(offering, Browser(self.handles))[0], 200)
        stale = "/checkout?hold=hld_01kq5n2m1a2b3c4d5e6f7g8h9j&o=" + offering["slug"]
        self.assertEqual(loser.go(stale)[0], 409)
        self.assertIn("no longer kept", loser.document.text())

    def test_what_is_held_is_let_go_and_what_is_refused_can_be_mended(self):
        browser, offering = self.browser, self.room()
        coupon = self.made(self.call("POST", "/v1/api/coupons", {"code": "ONCE", "kind": "PERCENT", "amount": 50, "maxPerCustomer": 1}))
        browser.go("/o/" + offering["slug"])
        first = browser.document.form("/hold")["fields"]
        browser.send("/hold")
        held = browser.at
        browser.go("/hold", "POST", urllib.parse.urlencode(first))  # clicked twice
        self.assertEqual(browser.at, held)
        self.assertEqual(self.checkout(offering, Browser(self.handles))[0], 200)  # another visitor gets the next one
        browser.go(held)
        browser.send("/release")
        self.assertEqual(browser.document.form("/hold")["fields"]["start"], first["start"])  # free again

        for name in ("first", "second"):
            self.assertEqual(browser.send("/hold")[0], 200)
            browser.send("/checkout", button={"name": "apply", "value": "yes"}, coupon="ONCE")
            self.assertIn("Total €25", browser.document.text())
            status, _ = browser.send("/checkout", name="Ada", email="ada@once.example")
            if name == "first":
                self.assertTrue(browser.at.endswith("/pay"))
                browser.go("/o/" + offering["slug"])
        self.assertEqual(status, 422)  # the coupon was used; without it, the booking is made
        self.assertTrue(browser.document.all("p", id="coupon-wrong"), browser.document.text())
        self.assertIn("Total €50", browser.document.text())
        browser.send("/checkout", coupon="")
        self.assertTrue(browser.at.endswith("/pay"), browser.document.text())

        # The price changes while the form is filled in.
        browser.go("/o/" + offering["slug"])
        browser.send("/hold")
        self.made(self.call("PATCH", f"/v1/api/offerings/{offering['id']}", {"basePriceCents": 6000}))
        self.assertEqual(browser.send("/checkout", name="Ada", email="ada@more.example")[0], 409)
        self.assertIn("The price has changed meanwhile.", browser.document.text())
        self.assertIn("Total €60", browser.document.text())
        browser.send("/checkout")
        self.assertTrue(browser.at.endswith("/pay"), browser.document.text())

    def test_every_offering_of_the_demo_can_be_held(self):
        for place in re.findall(r"<loc>http://[^/]+(/o/[^<]*)</loc>", self.browser.ask("GET", "/sitemap.xml")[1]):
            browser = Browser(self.handles)
            browser.go(place)
            if [form for form in browser.document.forms if form["action"] == "/hold"]:
                self.assertEqual(browser.send("/hold")[0], 200, (place, browser.document.text()))
            else:
                self.assertIn("Nothing is free in", browser.document.text(), place)

    def test_letters_of_any_script_stay_whole(self):
        offering = self.room(title="Ателье " + "ж" * 60, description="部屋" * 400)
        for path in ("/", "/o/" + offering["slug"]):
            self.assertEqual(self.browser.go(path)[0], 200)
            self.assertNotIn("\ufffd", self.browser.document.text())
        self.assertIn("А", [e[2] for e in self.browser.document.all("span")])

    def test_whatever_is_written_nothing_runs(self):
        payloads = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "</script><script>alert(1)</script>", "{{name}}",
                    "{{{body}}}", "</title><svg onload=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "]]><x>", "<!--", "\u2028<b>"]
        for payload in payloads:
            offering = self.room(title="T " + payload, description="D " + payload + "\n" + payload, categories=["c " + payload],
                                 attributes={"city": "Y " + payload, "amenities": ["A " + payload], "checkInNotes": payload})
            for path in ("/", "/o/" + offering["slug"], "/?" + urllib.parse.urlencode({"q": payload, "min": payload, "category": payload, "after": payload})):
                status, text = self.browser.go(path)
                self.assertEqual(status, 200, path)
                document = self.browser.document
                kinds = [e[1].get("type") for e in document.all("script")]
                self.assertEqual(kinds, ["module"] + (["application/ld+json"] if path.startswith("/o/") else []) + ["application/json"], path)
                for kind, attributes, _ in document.elements:
                    self.assertFalse([name for name in attributes if name.startswith("on")], (path, kind))
                    self.assertFalse(attributes.get("href", "").lower().startswith("javascript"), path)
                for script in document.all("script", type="application/ld+json"):
                    self.assertEqual(json.loads(script[2])["name"], offering["title"])
            self.browser.go("/o/" + offering["slug"])
            self.assertEqual(self.browser.document.all("h1")[0][2], offering["title"])
            self.assertEqual(self.checkout(offering)[0], 200)
            body = {**self.browser.document.form("/checkout")["fields"], "name": payload, "email": "x" + payload, "notes": payload, "phone": payload}
            self.browser.go("/checkout", "POST", urllib.parse.urlencode(body))
            self.assertEqual(self.browser.document.all("input", id="name")[0][1]["value"], payload)
            self.assertEqual([e[1]["type"] for e in self.browser.document.all("script")], ["module", "application/json"])

    def test_hosts_paths_and_what_robots_read(self):
        browser = self.browser
        self.assertEqual(browser.go("/nope")[0], 404)
        self.assertIn("This page is not here", browser.document.text())
        self.assertEqual(Browser(self.handles, "nobody.localhost").go("/")[0], 404)
        for host in ("localhost", "127.0.0.1", "atlas.localhost.evil.example", "a.atlas.localhost"):
            self.assertEqual(Browser(self.handles, host).ask("GET", "/")[0].getheader("Content-Type"), "application/problem+json", host)
        self.assertEqual(browser.ask("POST", "/")[0].status, 405)
        with socket.create_connection(("127.0.0.1", browser.port), timeout=10) as line:
            line.sendall(f"HEAD / HTTP/1.1\r\nHost: {browser.host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        self.assertTrue(answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n"), answer)
        response, text = browser.ask("GET", "/robots.txt")
        self.assertIn(f"Sitemap: http://{browser.host}/sitemap.xml", text)
        response, text = browser.ask("GET", "/sitemap.xml")
        places = re.findall(r"<loc>http://[^/]+([^<]*)</loc>", text)
        self.assertGreater(len(places), 10)
        for place in places:
            self.assertEqual(browser.go(place)[0], 200, place)
        for path in ("/%zz", "/o/%", "/o/a%2Fb", "/bookings/bkg_x", "/o/" + "a" * 3000, "/?q=%ff", "/?month=2026-13&day=x"):
            self.assertIn(browser.ask("GET", path)[0].status, (200, 404), path)
        status, _ = browser.ask("GET", "/v1/public/atlas")
        self.assertEqual(status.status, 200)  # the API is on every host
        for path in re.findall(r'href="(/(?:assets|theme)[^"]+)"', browser.ask("GET", "/")[1]):
            response, text = browser.ask("GET", path)
            self.assertEqual((response.status, response.getheader("Content-Type")), (200, "text/css; charset=utf-8"))
        script = browser.document.all("script", type="module")[0][1]["src"] if browser.go("/")[0] == 200 else ""
        for host in (browser.host, f"127.0.0.1:{browser.port}"):  # files that never change under their name, on every host
            response, text = browser.ask("GET", script, headers={"Host": host})
            self.assertEqual((response.status, response.getheader("Content-Type")), (200, "text/javascript; charset=utf-8"))
            self.assertEqual(response.getheader("Cache-Control"), "public, max-age=31536000, immutable")
            self.assertEqual(response.getheader("Vary"), "Accept-Encoding")
            known = browser.ask("GET", script, headers={"Host": host, "If-None-Match": response.getheader("ETag")})[0]
            self.assertEqual(known.status, 304)
            widget = browser.ask("GET", "/embed/v1/widget.js", headers={"Host": host})[0]
            self.assertEqual((widget.status, widget.getheader("Cache-Control")), (200, "public, max-age=300"))
            self.assertEqual(widget.getheader("Cross-Origin-Resource-Policy"), "cross-origin")
        self.assertEqual(browser.ask("GET", "/theme.css?c=red;}*{x:y")[1], "")

    def test_a_colour_is_readable_whatever_it_is(self):
        def luminance(colour):
            parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
            parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

        def contrast(a, b):
            low, high = sorted((luminance(a), luminance(b)))
            return (high + 0.05) / (low + 0.05)

        for colour in ("000000", "FFFFFF", "FFFF00", "FF0000", "0000FF", "808080", "0F766E", "FFC0CB", "123456"):
            text = self.browser.ask("GET", "/theme.css?c=" + colour)[1]
            pairs = re.findall(r"--brand:(#[0-9a-f]{6});--on-brand:(#[0-9a-f]{6})", text)
            self.assertEqual(len(pairs), 2)
            for (brand, on), ground in zip(pairs, ("#ffffff", "#1a1f26")):
                self.assertGreaterEqual(contrast(brand, ground), 4.5, (colour, ground))
                self.assertGreaterEqual(contrast(brand, on), 4.5, (colour, ground))


class WithStripe(Shop):
    """Stripe's own form asks for the card, on a page whose policy lets its script in."""

    def setUp(self):
        self.peer = Stripe()
        self.addCleanup(self.peer.shutdown)
        self.flags = ["--dev", "--payments", "stripe", "--stripe-url", self.peer.url, "--stripe-secret-key", "sk_test_peer",
                      "--stripe-webhook-secrets", SECRET, "--stripe-public-key", "pk_test_peer"]
        super().setUp()
        self.peer.target = self.handles["baseUrl"]

    def test_paying(self):
        for browser, base in ((self.browser, ""), (Browser(self.handles, "127.0.0.1"), "/embed/v1/atlas")):
            offering = self.room()
            browser.go(f"{base}/o/{offering['slug']}")
            browser.send(base + "/hold")
            browser.send(base + "/checkout", name="Ada", email="ada@example.com")
            form = browser.document.all("div", data_island="stripe")[0][1]
            self.assertEqual(form["data-publishable-key"], "pk_test_peer")
            response, _ = browser.ask("GET", browser.at)
            policy = response.getheader("Content-Security-Policy")
            for source in ("script-src 'self' https://js.stripe.com", "connect-src 'self' https://api.stripe.com", "frame-src https://js.stripe.com"):
                self.assertIn(source, policy)
            self.assertNotIn("unsafe", policy)
            self.assertIsNone(response.getheader("Cross-Origin-Embedder-Policy"))
            self.assertTrue(self.peer.pay(form["data-client-secret"]))
            back = urllib.parse.urlsplit(form["data-return-url"])
            place = back.path + ("?" + back.query + "&" if back.query else "?") + "payment_intent=pi_x&redirect_status=succeeded"
            comes_to(lambda: browser.go(place) and "See you soon" in browser.document.text())
            self.assertNotIn("stripe.com", browser.ask("GET", place)[0].getheader("Content-Security-Policy"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
