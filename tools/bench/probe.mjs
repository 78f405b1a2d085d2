/**
 * Preloaded into a measured server: reports its resource usage since the last request of the parent process.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const SAMPLE_MS = 10;

const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
delay.enable();
let cpu = process.cpuUsage();
let peakBytes = process.memoryUsage.rss();
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, SAMPLE_MS).unref();

process.on('message', () => {
  // With --expose-gc, so that only live memory is counted.
  globalThis.gc?.();
  const { user, system } = process.cpuUsage(cpu);
  const { rss, heapUsed } = process.memoryUsage();
  process.send({
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: peakBytes / 2 ** 20,
    rssMegabytes: rss / 2 ** 20,
    heapMegabytes: heapUsed / 2 ** 20,
    resources: countEach(process.getActiveResourcesInfo()),
    // The histogram includes its own interval.
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - SAMPLE_MS),
  });
  delay.reset();
  cpu = process.cpuUsage();
  peakBytes = process.memoryUsage.rss();
});
process.channel?.unref();

function countEach(names) {
  const counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
