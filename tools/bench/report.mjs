/** Prints what the benchmark has measured, as Markdown. */
import { cpus, totalmem } from 'node:os';

export function report(results) {
  const { rows, rounds, ways } = results;
  const [limit] = ways;
  console.log(
    `${rows} calls, ${rounds} rounds, medians. ${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node.js ${process.versions.node}, ${ways.length} ways in turns.\n`,
  );
  console.log(
    table(
      ['way', 'CSV', '× limit', 'JSON', '× limit', 'database CPU', 'Node CPU', 'memory over idle'],
      ways.map(({ name, csv, json, peakOverIdleMegabytes }) => [
        name,
        `${number(csv?.seconds, 2)} s`,
        number(csv?.seconds / limit.csv.seconds, 2),
        `${number(json?.seconds, 2)} s`,
        number(json?.seconds / limit.json.seconds, 2),
        `${number(csv?.databaseCpuSeconds, 2)} / ${number(json?.databaseCpuSeconds, 2)} s`,
        `${number(csv?.cpuSeconds, 2)} / ${number(json?.cpuSeconds, 2)} s`,
        `${number(peakOverIdleMegabytes, 0)} MB`,
      ]),
    ),
  );
  reportTogether(results);
  reportFilters(results);
  reportCompression(results);
  reportStatusIndex(results);
  reportMariadb(results);
}

function reportTogether({ ways, concurrency, slowClients }) {
  const [limit] = ways;
  console.log(
    `\n${table(
      [
        `${concurrency} at once, CSV`,
        'rows/s',
        '× limit',
        'memory over idle',
        'event loop delay, p99',
        `${slowClients} slow clients hold`,
      ],
      ways
        .filter(({ together }) => together)
        .map(({ name, together, slow }) => [
          name,
          `${number(together.rowsPerSecond / 1e6, 2)} M`,
          number(together.rowsPerSecond / limit.together.rowsPerSecond, 2),
          `${number(together.peakOverIdleMegabytes, 0)} MB`,
          `${number(together.delayP99Ms, 0)} ms`,
          slow
            ? `${slow.connections} connections; another export ${slow.nextComes ? 'comes' : 'hangs'}`
            : '–',
        ]),
    )}`,
  );
}

function reportFilters({ firstBytes }) {
  console.log(
    `\n${table(
      ['filter', 'first byte', 'whole', 'bytes'],
      firstBytes.map(({ filter, firstByteMs, seconds, bytes }) => [
        filter,
        `${number(firstByteMs, 0)} ms`,
        `${number(seconds, 3)} s`,
        String(bytes),
      ]),
    )}`,
  );
}

function reportCompression({ ways }) {
  const plain = ways.find(({ name }) => name === 'this API');
  for (const encoding of ['gzip', 'zstd']) {
    const way = ways.find(({ name }) => name === `this API, ${encoding}`);
    if (!way) continue;
    const share = (format) => number(way[format].bytes / plain[format].bytes, 2);
    console.log(`\n${encoding}: ${share('csv')} of the bytes of CSV, ${share('json')} of JSON's.`);
  }
}

function reportStatusIndex({ statusIndex: { without, with: indexed } }) {
  console.log(
    `\nWith an index on (account_id, status, id) inserts take ${number(indexed.insert / without.insert, 2)} × as long, and changes of the status ${number(indexed.update / without.update, 2)} ×; a query finds a rare status in ${number(1000 * indexed.find, 0)} ms, and without it in ${number(1000 * without.find, 0)} ms.`,
  );
}

function reportMariadb({ mariadb }) {
  if (!mariadb) return;
  const { client, csv, json } = mariadb;
  console.log(
    `\n${table(
      ['MariaDB', 'time', '× `mariadb --batch`', 'Node CPU'],
      [
        ['`mariadb --batch`', client],
        ['this library, CSV', csv],
        ['this library, JSON', json],
      ].map(([name, way]) => [
        name,
        `${number(way.seconds, 2)} s`,
        number(way.seconds / client.seconds, 2),
        way === client ? '–' : `${number(way.cpuSeconds, 2)} s`,
      ]),
    )}`,
  );
}

function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function table(heads, rows) {
  // What was not measured has no unit.
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replace(/^–( \/ –)?( s| MB| ms)$/, '–')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
