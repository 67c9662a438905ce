// statuspage.io, pointed elsewhere by setApiUrl(). Its getActive() and getAll() of maintenances ask for upcoming ones.
import {Statuspage} from 'statuspage.io';
import {components, incidents, maintenances, updates} from './documents.mjs';

const client = new Statuspage('demo');
client.setApiUrl(process.argv[2]);
const {api} = client;
const [status, summary, rows, every, unresolved, upcoming] = await Promise.all([
  api.getStatus(), api.getSummary(), api.getComponents(), api.incidents.getAll(), api.incidents.getUnresolved(),
  api.scheduledMaintenances.getUpcoming(),
]);
console.log(JSON.stringify({
  page: summary.page.name,
  indicator: status.status.indicator,
  description: summary.status.description,
  components: components(rows.components),
  incidents: incidents(every.incidents),
  unresolved: incidents(unresolved.incidents),
  updates: updates(summary.incidents),
  planned: maintenances(summary.scheduled_maintenances),
  upcoming: maintenances(upcoming.scheduled_maintenances),
}));
