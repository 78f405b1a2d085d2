import { Injectable } from '@nestjs/common';
import { CallsExportService } from 'nestjs-calls-export';
import { prometheusContentType } from 'prom-client';
import { DataSource } from 'typeorm';
import { Metrics, type PoolUse } from './metrics';

/** The path of the metrics, on either port. */
export const METRICS_PATH = 'metrics';

/** The response headers of the metrics. */
export const METRICS_HEADERS = {
  'Content-Type': prometheusContentType,
  'Cache-Control': 'no-store',
} as const;

/** Reads the metrics in the text format of Prometheus. */
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
    // The pools of `pg`, which TypeORM's driver does not declare.
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
