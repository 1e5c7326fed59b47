"""A campaign from launch to end, with customers who redeem meanwhile; a launch that is repeated makes nothing twice.   test.py SERVER"""
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from patterns import demo, expect  # noqa: E402

LAPSED = "lapsed since March"
SUBSCRIBERS = f"""email,name,cohort
ada@customers.example,"Ada, née Byron",{LAPSED}
bo@customers.example,Bo,new
cleo@customers.example,Cleo,{LAPSED}
"""

with demo(sys.argv[1]) as orkestr, tempfile.TemporaryDirectory() as folder:
    state, subscribers, merge = (pathlib.Path(folder) / name for name in ("spring.json", "subscribers.csv", "merge.csv"))
    subscribers.write_text(SUBSCRIBERS)
    command = [sys.executable, HERE / "main.py"]
    environment = os.environ | {"ORKESTR_URL": orkestr.handles["baseUrl"], "ORKESTR_KEY": orkestr.handles["apiKey"]}

    def run(*arguments):
        return subprocess.run([*command, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout

    def launch():
        expect(run("launch", state, "--percent", "20", "--until", "2100-01-01T00:00:00Z", subscribers, merge), "2 codes for 3 mails\n")

    before = len(orkestr("GET", "/v1/api/coupons?limit=200")["data"])
    launch()
    campaign, mails = json.loads(state.read_text()), merge.read_text()
    # Killed after the server had made a coupon, and before its id was written down.
    state.write_text(json.dumps(campaign | {"new": campaign["new"] | {"id": None}}))
    launch()
    expect((json.loads(state.read_text()), merge.read_text()), (campaign, mails))
    expect(len(orkestr("GET", "/v1/api/coupons?limit=200")["data"]), before + 2)
    rows = list(csv.DictReader(mails.splitlines()))
    expect([(row["name"], row["coupon_code"]) for row in rows],
           [("Ada, née Byron", campaign[LAPSED]["code"]), ("Bo", campaign["new"]["code"]), ("Cleo", campaign[LAPSED]["code"])])

    def line(cohort, redeemed, how="on"):
        return f"{cohort}\t{campaign[cohort]['code']}\t{redeemed} redeemed\t{how}\n"

    watch = subprocess.Popen([*command, "report", state, "--every", "0.05"], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        expect([watch.stdout.readline() for _ in range(2)], [line(LAPSED, 0), line("new", 0)])
        for n, row in enumerate((rows[0], rows[2]), 1):
            booking = orkestr.book(row, couponCode=row["coupon_code"].lower())
            expect(booking["discountCents"] * 5, booking["subtotalCents"])
            expect(watch.stdout.readline(), line(LAPSED, n))  # and no line for the other
    finally:
        watch.kill()
        watch.communicate()

    expect(run("end", state), "ended after 2 redemptions; bookings keep their discount\n")
    expect(run("report", state), line(LAPSED, 2, "ended") + line("new", 0, "ended"))
    status, problem = orkestr.caller("POST", "/v1/api/bookings", orkestr.wish(rows[1], couponCode=rows[1]["coupon_code"]))
    expect((status, problem["code"]), (422, "coupon_inactive"))
