// Facts out of documents of the API, for clients that hand these on as they are.

const instant = text => Date.parse(text) / 1000;

export const components = told => told.map(({id, name, status}) => [id, name, status]);

export const incidents = told => told.map(({id, name, status, impact}) => [id, name, status, impact]);

export const maintenances = told =>
  told.map(each => [each.id, each.name, each.status, instant(each.scheduled_for), instant(each.scheduled_until)]);

export const updates = told =>
  told.flatMap(each => each.incident_updates.map(one => [each.id, one.status, instant(one.display_at), one.body]));
