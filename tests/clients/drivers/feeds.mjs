// A JavaScript reader of feeds, by name: each entry's title, link, instant and identity.
import {extract} from '@extractus/feed-extractor';
import RssParser from 'rss-parser';

const readers = {
  'rss-parser': async url => (await new RssParser().parseURL(url)).items
    .map(each => [each.title, each.link, Date.parse(each.isoDate) / 1000, each.guid ?? each.id]),
  '@extractus/feed-extractor': async url => (await extract(url)).entries
    .map(each => [each.title, each.link, Date.parse(each.published) / 1000, each.id]),
};

const [base, , reader, ...paths] = process.argv.slice(2);
const feeds = {};
for (const path of paths) feeds[path] = await readers[reader](`${base}/${path}`);
console.log(JSON.stringify({feeds}));
