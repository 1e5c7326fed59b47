orkestr-server() { "$SERVER" "${@//\/backup\//backup/}"; }
mkdir backup
# A server has the store while it is backed up.
"$SERVER" --demo --json --port 0 --log-level warn --data data >ready &
until [[ -s ready ]]; do sleep 0.05; done

damaged_archives() {
  head -c 100000 monday.orkestr >cut.orkestr
  { head -c 50000 monday.orkestr; printf '\xff\xff\xff\xff'; tail -c +50005 monday.orkestr; } >flipped.orkestr
}
# Takes away what a pending booking takes, and counts a coupon once more.
damage() {
  python3 - "$1/orkestr.db" <<'END'
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute("DELETE FROM occupancy WHERE holder = (SELECT min(holder) FROM occupancy WHERE status = 'PENDING')")
store.execute("UPDATE coupons SET redeemed_count = redeemed_count + 1 WHERE id = (SELECT min(id) FROM coupons)")
store.commit()
END
}
