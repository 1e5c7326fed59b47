// A calendar from stdin, as ical.js reads it: its name and its events, as JSON.
import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')))
const events = calendar.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component)
  const value = (name) => component.getFirstPropertyValue(name)
  return {
    uid: event.uid,
    sequence: event.sequence,
    status: value('status'),
    start: event.startDate.toJSDate().toISOString(),
    end: event.endDate.toJSDate().toISOString(),
    stamp: value('dtstamp').toJSDate().toISOString(),
    summary: event.summary,
    description: event.description,
    url: value('url'),
  }
})
console.log(
  JSON.stringify({
    name: calendar.getFirstPropertyValue('x-wr-calname'),
    method: calendar.getFirstPropertyValue('method'),
    refresh: calendar.getFirstPropertyValue('refresh-interval').toSeconds(),
    events,
  }),
)
