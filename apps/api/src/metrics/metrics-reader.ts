import { Injectable } from '@nestjs/common';
import { CallsExportService } from 'nestjs-calls-export';
import { prometheusContentType } from 'prom-client';
import { DataSource } from 'typeorm';
import { Metrics, type PoolUse } from './metrics';

/** Where the metrics are, on whichever port. */
export const METRICS_PATH = 'metrics';

/** The headers of the metrics. */
export const METRICS_HEADERS = {
  'Content-Type': prometheusContentType,
  'Cache-Control': 'no-store',
} as const;

/** Reads the metrics as Prometheus wants them. */
@Injectable()
export class MetricsReader {
  constructor(
    private readonly metrics: Metrics,
    private readonly service: CallsExportService,
    private readonly dataSource: DataSource,
  ) {}

  read(): Promise<string> {
    return this.metrics.expose(this.service.load, this.pools());
  }

  private pools(): PoolUse[] {
    // Of `pg`, by the driver of TypeORM's, which has no type for them.
    const { master, slaves } = this.dataSource.driver as unknown as {
      master: PoolUse;
      slaves: PoolUse[];
    };
    const use = (name: PoolUse['name'], { totalCount, idleCount, waitingCount }: PoolUse) => ({
      name,
      totalCount,
      idleCount,
      waitingCount,
    });
    return [use('primary', master), ...slaves.map((pool) => use('replica', pool))];
  }
}
