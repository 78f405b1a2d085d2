/** Preloaded into a server that is measured: tells the parent process what its work has cost since it last asked. */
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
  const { user, system } = process.cpuUsage(cpu);
  process.send({
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: peakBytes / 2 ** 20,
    rssMegabytes: process.memoryUsage.rss() / 2 ** 20,
    // The histogram counts its own interval.
    delayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - SAMPLE_MS),
  });
  delay.reset();
  cpu = process.cpuUsage();
  peakBytes = process.memoryUsage.rss();
});
process.channel?.unref();
