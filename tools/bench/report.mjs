/** Reports the figures of the benchmark as Markdown. */
import { SLOW_CLIENTS } from './slow-clients.mjs';
import { API } from './ways.mjs';

/** @returns everything that was measured, for docs/performance.md. */
export function report(results) {
  return [
    conditions(results),
    reportEach(results),
    reportConcurrent(results),
    reportFilters(results),
    reportCompression(results),
    reportStatusIndex(results),
    reportMariadb(results),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** @returns the comparison at a glance, for README.md. */
export function summary(results) {
  const ways = results.ways.filter(({ name }) => name === API || !name.startsWith(API));
  const rows = ways.map(({ name, csv, json, peakOverIdleMegabytes }) => [
    name === API ? `**${name}**` : name,
    `${number(csv?.seconds, 1)} s`,
    `${number(json?.seconds, 1)} s`,
    `${number(peakOverIdleMegabytes, 0)} MB`,
  ]);
  const heads = [`${millions(results.rows)} calls`, 'CSV', 'JSON', 'memory over idle'];
  return `${table(heads, rows)}\n\n${results.machine}. Medians of ${results.rounds} rounds.`;
}

export function millions(rows) {
  return rows % 1e6 === 0 ? `${rows / 1e6} M` : String(rows);
}

function conditions({ rows, rounds, machine, ways }) {
  return `${rows} calls, ${ways.length} ways measured alternately, medians of ${rounds} rounds. ${machine}.`;
}

function reportEach({ ways }) {
  const [limit] = ways;
  const heads = [
    'way',
    'CSV',
    '× limit',
    'JSON',
    '× limit',
    'database CPU',
    'Node.js CPU',
    'memory over idle',
  ];
  const rows = ways.map(({ name, csv, json, peakOverIdleMegabytes }) => [
    name,
    `${number(csv?.seconds, 2)} s`,
    number(csv?.seconds / limit.csv.seconds, 2),
    `${number(json?.seconds, 2)} s`,
    number(json?.seconds / limit.json.seconds, 2),
    `${number(csv?.databaseCpuSeconds, 2)} / ${number(json?.databaseCpuSeconds, 2)} s`,
    `${number(csv?.cpuSeconds, 2)} / ${number(json?.cpuSeconds, 2)} s`,
    `${number(peakOverIdleMegabytes, 0)} MB`,
  ]);
  return table(heads, rows);
}

function reportConcurrent({ ways, concurrency }) {
  const [limit] = ways;
  const heads = [
    `${concurrency} concurrent, CSV`,
    'rows/s',
    '× limit',
    'memory over idle',
    'event loop delay, p99',
    `${SLOW_CLIENTS} slow clients hold`,
    'another export',
  ];
  const rows = ways
    .filter(({ concurrent }) => concurrent)
    .map(({ name, concurrent, slow }) => [
      name,
      `${number(concurrent.rowsPerSecond / 1e6, 2)} M`,
      number(concurrent.rowsPerSecond / limit.concurrent.rowsPerSecond, 2),
      `${number(concurrent.peakOverIdleMegabytes, 0)} MB`,
      `${number(concurrent.delayP99Ms, 0)} ms`,
      slow ? `${slow.connections} connections` : '–',
      slow ? (slow.nextBegins ? 'begins' : 'hangs') : '–',
    ]);
  return table(heads, rows);
}

function reportFilters({ firstBytes }) {
  const rows = firstBytes.map(({ filter, firstByteMs, seconds, bytes }) => [
    filter,
    `${number(firstByteMs, 0)} ms`,
    `${number(seconds, 3)} s`,
    String(bytes),
  ]);
  return table(['filter', 'first byte', 'last byte', 'bytes'], rows);
}

function reportCompression({ ways }) {
  const plain = ways.find(({ name }) => name === API);
  const rows = ['gzip', 'zstd'].flatMap((encoding) => {
    const way = ways.find(({ name }) => name === `${API}, ${encoding}`);
    const share = (format) => number(way[format].bytes / plain[format].bytes, 2);
    return way ? [[encoding, share('csv'), share('json')]] : [];
  });
  return table(['compression', 'of the bytes of CSV', 'of the bytes of JSON'], rows);
}

function reportStatusIndex({ statusIndex: { without, with: indexed } }) {
  const rows = [
    ['insert 200,000 calls', 'insert'],
    ['update the status of 20,000 calls', 'update'],
    ['find the calls of a rare status', 'find'],
  ].map(([what, name]) => [
    what,
    `${number(without[name], 3)} s`,
    `${number(indexed[name], 3)} s`,
    number(indexed[name] / without[name], 2),
  ]);
  const heads = ['index on (account_id, status, id)', 'without', 'with', 'ratio'];
  return table(heads, rows);
}

function reportMariadb({ mariadb }) {
  if (!mariadb) return '';
  const { client, csv, json } = mariadb;
  const rows = [
    ['`mariadb --batch`', client],
    ['this library, CSV', csv],
    ['this library, JSON', json],
  ].map(([name, way]) => [
    name,
    `${number(way.seconds, 2)} s`,
    number(way.seconds / client.seconds, 2),
    way === client ? '–' : `${number(way.cpuSeconds, 2)} s`,
  ]);
  return table(['MariaDB', 'time', '× `mariadb --batch`', 'Node.js CPU'], rows);
}

function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function table(heads, rows) {
  // A figure that was not measured has no unit.
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replace(/^–( \/ –)?( s| MB| ms)$/, '–')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
