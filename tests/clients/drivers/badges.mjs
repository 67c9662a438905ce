// badge-maker, which shields.io draws with, given what the endpoint badge of each component says.
import {makeBadge} from 'badge-maker';

const base = process.argv[2];
const read = async path => (await fetch(`${base}/${path}`)).json();

const badges = [];
for (const {id, group} of (await read('api/v2/components.json')).components) {
  if (group) continue;
  const {schemaVersion, label, message, color} = await read(`badges/${id}.json`);
  const drawn = makeBadge({label, message, color, style: 'flat'});
  badges.push([id, label, message, schemaVersion === 1 && drawn.includes(`>${message}</text>`)]);
}
console.log(JSON.stringify({badges}));
