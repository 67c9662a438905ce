// Atlassian's web component in a page, both its appearances, by the attributes that its README names.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {JSDOM} from 'jsdom';

const base = process.argv[2];
const folder = dirname(createRequire(import.meta.url).resolve('@statuspage/status-widget/package.json'));
const script = readFileSync(join(folder, 'dist/index.js'), 'utf-8');
const widget = appearance => `<statuspage-widget src="${base}" appearance="${appearance}"></statuspage-widget>`;
const page = new JSDOM(`<!doctype html><body>${widget('basic')}${widget('badge')}`, {url: base, runScripts: 'outside-only'});
page.window.eval(script);

const inside = element => element.shadowRoot?.querySelector('.status-indicator');
const widgets = [...page.window.document.querySelectorAll('statuspage-widget')];
const deadline = Date.now() + 10_000;
while (!widgets.every(inside) && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20));

const [basic, badge] = widgets.map(each => each.shadowRoot);
const indicators = [basic, badge].map(each => each.querySelector('.status-indicator').classList.item(1));
const text = (root, name) => root.querySelector(name).textContent.trim();
console.log(JSON.stringify({
  indicator: new Set(indicators).size === 1 ? indicators[0] : indicators,
  description: text(basic, '.status-text'),
  badge: text(badge, '.status-indicator'),
}));
page.window.close();
