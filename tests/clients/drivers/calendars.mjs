// A JavaScript reader of calendars, by name, over the calendar of maintenances.
import ICAL from 'ical.js';
import ical from 'node-ical';

const seconds = date => date.getTime() / 1000;
const readers = {
  'ical.js': text => new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent')
    .map(each => new ICAL.Event(each))
    .map(each => [each.summary, seconds(each.startDate.toJSDate()), seconds(each.endDate.toJSDate())]),
  'node-ical': text => Object.values(ical.sync.parseICS(text)).filter(each => each.type === 'VEVENT')
    .map(each => [each.summary, seconds(each.start), seconds(each.end)]),
};

const [base, , reader, path] = process.argv.slice(2);
const answer = await fetch(`${base}/${path}`);
if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
console.log(JSON.stringify({calendar: readers[reader](await answer.text())}));
