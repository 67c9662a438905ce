// parse-prometheus-text-format, over /metrics.txt.
import parse from 'parse-prometheus-text-format';

const [base] = process.argv.slice(2);
const families = Object.fromEntries(
  parse(await (await fetch(`${base}/metrics.txt`)).text()).map(({name, metrics}) => [name, metrics]));
const samples = name => families[`statuspage_${name}`] ?? [];
console.log(JSON.stringify({
  page: samples('service_status')[0].labels.service_name,
  well: samples('service_status').map(each => each.value === '1'),
  operational: samples('component_status').map(each => [each.labels.component_name, each.value === '1']),
}));
