/** Measures the ways to export in several rounds. The ratios of the medians are what counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { cpuSince, databaseCpu, median, progress, queryOnce } from './programs.mjs';
import { holdWithSlowClients } from './slow-clients.mjs';
import { measureStatusIndex } from './status-index.mjs';
import { API } from './ways.mjs';

/** More rounds of these would take too long. */
const ROUNDS_MAX = 3;
const FIRST_BYTE_RUNS = 11;
const LARGE_ROWS = 2_000_000;

/** @returns the figures of all ways, of filters, and of an index on the status. */
export async function measure(ways, settings, databaseUrl) {
  const api = ways.find(({ name }) => name === API);
  // The idle memory is measured after the first response, but before the first export.
  await api.download('date_from=1990-01-01&date_to=1990-01-01');
  await sleep(1000);
  for (const way of ways) way.idleMegabytes = (await way.server?.usage())?.rssMegabytes;

  await measureEach(ways, settings, databaseUrl);
  await measureConcurrent(ways, settings);
  for (const way of ways.filter(({ slowClient }) => slowClient)) {
    progress(`slow clients: ${way.name}`);
    way.slow = await holdWithSlowClients(way.slowClient, databaseUrl);
    // An aborted `.stream()` keeps its connection, and its locks, for good.
    if (way !== api) await way.server.stop();
  }
  const firstBytes = await measureFilters(api.download, settings, databaseUrl);
  const statusIndex = await measureStatusIndex(databaseUrl, Math.min(settings.rounds, ROUNDS_MAX));
  return { ways: ways.map((way) => figuresOf(way, settings)), firstBytes, statusIndex };
}

async function measureEach(ways, { rounds }, databaseUrl) {
  const watcher = new pg.Client(databaseUrl);
  await watcher.connect();
  for (let round = 1; round <= rounds; round++) {
    // Each round starts with a different way, so that none always comes first.
    const first = (2 * round) % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
      for (const format of ['csv', 'json'].filter((each) => way[each])) {
        progress(`round ${round} of ${rounds}: ${way.name}, ${format}`);
        // The previous one may still be cleaning up, and has filled the caches with its own data.
        await sleep(1000);
        if (!way.takesLong) await way[format]();
        await way.server?.usage();
        const before = await databaseCpu(watcher);
        const measured = await way[format]();
        const usage = await way.server?.usage();
        const databaseCpuSeconds = cpuSince(before, await databaseCpu(watcher));
        (way[`${format}Runs`] ??= []).push({ databaseCpuSeconds, ...measured, ...usage });
      }
    }
  }
  await watcher.end();
}

async function measureConcurrent(ways, { rounds, concurrency }) {
  const compared = ways.filter(({ name }) => !/find\(\)|^this API, /.test(name));
  for (let round = 1; round <= Math.min(rounds, ROUNDS_MAX); round++) {
    for (const way of compared) {
      // Once is enough for a way that takes a minute.
      if (way.takesLong && round > 1) continue;
      progress(`round ${round}: ${concurrency} concurrent, ${way.name}`);
      await way.server?.usage();
      const begun = performance.now();
      await Promise.all(Array.from({ length: concurrency }, () => way.csv()));
      const seconds = (performance.now() - begun) / 1000;
      (way.concurrentRuns ??= []).push({ seconds, ...(await way.server?.usage()) });
    }
  }
}

async function measureFilters(download, { rows }, databaseUrl) {
  const [{ day, assistant }] = await queryOnce(
    databaseUrl,
    `SELECT to_char(max(started_at) - interval '2 days', 'YYYY-MM-DD') AS day, min(assistant_id) AS assistant FROM calls`,
  );
  const filters = [
    ['none', 'format=csv'],
    ['one day', `date_from=${day}&date_to=${day}`],
    ['all days', 'date_from=2000-01-01'],
    ['a common status', 'status=completed'],
    ['a rare status', 'status=ringing'],
    ['an assistant', `assistant_id=${assistant}`],
  ];
  const figures = [];
  for (const [filter, query] of filters) {
    progress(`first byte: ${filter}`);
    const runs = [];
    for (let run = 0; run < (rows > LARGE_ROWS ? 3 : FIRST_BYTE_RUNS); run++) {
      runs.push(await download(query));
    }
    figures.push({
      filter,
      firstByteMs: 1000 * median(runs, 'firstByteSeconds'),
      seconds: median(runs, 'seconds'),
      bytes: runs[0].bytes,
    });
  }
  return figures;
}

function figuresOf(way, { rows, concurrency }) {
  const { name, server, csvRuns, jsonRuns, concurrentRuns, idleMegabytes, slow } = way;
  const peakOverIdle = (...runs) =>
    server &&
    Math.max(...runs.flatMap((each) => each ?? []).map((run) => run.peakMegabytes)) - idleMegabytes;
  const format = (runs) =>
    runs && {
      seconds: median(runs, 'seconds'),
      bytes: runs[0].bytes,
      cpuSeconds: median(runs, 'cpuSeconds'),
      databaseCpuSeconds: median(runs, 'databaseCpuSeconds'),
    };
  return {
    name,
    csv: format(csvRuns),
    json: format(jsonRuns),
    peakOverIdleMegabytes: peakOverIdle(csvRuns, jsonRuns),
    concurrent: concurrentRuns && {
      rowsPerSecond: (rows * concurrency) / median(concurrentRuns, 'seconds'),
      peakOverIdleMegabytes: peakOverIdle(concurrentRuns),
      delayP99Ms: median(concurrentRuns, 'delayP99Ms'),
    },
    slow,
  };
}
