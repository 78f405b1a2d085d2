import { REFUSAL_REASONS, type RefusalReason } from '@calls/auth';
import { EXPORT_FORMATS, type ExportOutcome, type ExportReport } from 'nestjs-calls-export';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RateLimitScope } from '../rate-limits/rate-limit.guard';

const DURATION_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000];
const FIRST_BYTE_SECONDS = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/**
 * Gauges of prom-client with the suffix `_total`, which is reserved for counters. The gauges without the
 * suffix report the same, by type.
 */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

const OUTCOMES = Object.keys({
  completed: true,
  aborted: true,
  failed: true,
  refused: true,
} satisfies Record<ExportOutcome, true>);

/** The counts of a connection pool of `pg`. */
export interface PoolUse {
  readonly name: 'primary' | 'replica';
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** The Prometheus metrics of the process and its exports. No label identifies an account. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly exports = new Counter({
    name: 'calls_exports_total',
    help: 'Finished exports: completed, aborted by the client, failed after the start, or refused at the start.',
    labelNames: ['format', 'outcome'],
    registers: [this.registry],
  });
  private readonly rows = new Counter({
    name: 'calls_export_rows_total',
    help: 'Exported calls.',
    labelNames: ['format'],
    registers: [this.registry],
  });
  private readonly bytes = new Counter({
    name: 'calls_export_bytes_total',
    help: 'Exported bytes, before compression.',
    labelNames: ['format'],
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'calls_export_duration_seconds',
    help: 'Time from the request to the end of the export.',
    labelNames: ['format', 'outcome'],
    buckets: DURATION_SECONDS,
    registers: [this.registry],
  });
  private readonly firstByte = new Histogram({
    name: 'calls_export_first_byte_seconds',
    help: 'Time from the request to the first byte of the file.',
    labelNames: ['format'],
    buckets: FIRST_BYTE_SECONDS,
    registers: [this.registry],
  });
  private readonly rateLimited = new Counter({
    name: 'calls_export_rate_limited_total',
    help: 'Requests refused by the rate limit of their address or account.',
    labelNames: ['limit'],
    registers: [this.registry],
  });
  private readonly running = new Gauge({
    name: 'calls_exports_running',
    help: 'Running exports, including requests that count calls.',
    registers: [this.registry],
  });
  private readonly most = new Gauge({
    name: 'calls_exports_limit',
    help: 'Maximum number of running exports.',
    registers: [this.registry],
  });
  private readonly unauthorized = new Counter({
    name: 'calls_export_unauthorized_total',
    help: 'Requests that got a 401, by what is wrong with their token.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly connections = new Gauge({
    name: 'calls_database_connections',
    help: 'Database connections by state; waiting counts requests for a connection.',
    labelNames: ['pool', 'state'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
    // Prometheus misses the first increment of a series that does not start at 0.
    for (const limit of ['address', 'account'] satisfies RateLimitScope[])
      this.rateLimited.inc({ limit }, 0);
    for (const reason of REFUSAL_REASONS) this.unauthorized.inc({ reason }, 0);
    for (const format of EXPORT_FORMATS) {
      this.rows.inc({ format }, 0);
      this.bytes.inc({ format }, 0);
      this.firstByte.zero({ format });
      for (const outcome of OUTCOMES) {
        this.exports.inc({ format, outcome }, 0);
        this.duration.zero({ format, outcome });
      }
    }
  }

  /** Counts a finished export. */
  observe({ format, outcome, rows, bytes, durationMs, firstByteMs }: ExportReport): void {
    this.exports.inc({ format, outcome });
    this.rows.inc({ format }, rows);
    this.bytes.inc({ format }, bytes);
    this.duration.observe({ format, outcome }, durationMs / 1000);
    if (firstByteMs !== undefined) this.firstByte.observe({ format }, firstByteMs / 1000);
  }

  /** Counts a request that exceeded a rate limit. */
  limited(limit: RateLimitScope): void {
    this.rateLimited.inc({ limit });
  }

  /** Counts a request that got a 401. */
  refused(reason: RefusalReason): void {
    this.unauthorized.inc({ reason });
  }

  /** Returns the metrics in the text format of Prometheus, with the current load and pools. */
  expose(load: { running: number; most: number }, pools: readonly PoolUse[]): Promise<string> {
    this.running.set(load.running);
    this.most.set(load.most);
    for (const { name: pool, totalCount, idleCount, waitingCount } of pools) {
      this.connections.set({ pool, state: 'busy' }, totalCount - idleCount);
      this.connections.set({ pool, state: 'idle' }, idleCount);
      this.connections.set({ pool, state: 'waiting' }, waitingCount);
    }
    return this.registry.metrics();
  }
}
