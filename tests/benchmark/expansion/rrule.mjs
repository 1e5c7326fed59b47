// Measures rrule-rust as a booking app uses it: for each local date a fresh rule, its starts as UTC milliseconds.
// The workload and the line it prints are those of workload.hpp.
import { DateTime, DtStart, Frequency, RRule, RRuleSet } from 'rrule-rust'

const days = 90
const slotMs = 3_600_000n

function expandDay(day) {
  const date = new Date(Date.UTC(2026, 1, 1 + day))
  const start = DateTime.local(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), 8, 0, 0)
  const set = new RRuleSet({
    dtstart: new DtStart(start, 'America/New_York'),
    rrules: [new RRule({ frequency: Frequency.Hourly, count: 12 })],
  })
  return set.all().map((at) => at.toTimestamp())
}

function expand() {
  const starts = []
  for (let day = 0; day < days; day++) starts.push(...expandDay(day))
  return starts
}

function hash(starts) {
  let value = 0xcbf29ce484222325n
  for (const start of starts.map(BigInt))
    for (const byte of Buffer.from(`${start},${start + slotMs}\n`)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}

function nanoseconds(budgetMs) {
  const start = process.hrtime.bigint()
  let calls = 0
  do {
    expand()
    calls++
  } while (process.hrtime.bigint() - start < BigInt(budgetMs) * 1_000_000n)
  return Number(process.hrtime.bigint() - start) / calls
}

const starts = expand()
nanoseconds(500) // the compiler of node takes longer to warm up
console.log(JSON.stringify({ slots: starts.length, ns: nanoseconds(250) / starts.length, hash: hash(starts) }))
