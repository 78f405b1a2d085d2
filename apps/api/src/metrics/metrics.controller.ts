import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { CallsExportService } from 'nestjs-calls-export';
import { prometheusContentType } from 'prom-client';
import { DataSource } from 'typeorm';
import { Metrics, type PoolUse } from './metrics';

/** `/metrics`, for Prometheus. It wants no token: keep it from the outside. */
@Controller('metrics')
@SkipThrottle()
@ApiExcludeController()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly service: CallsExportService,
    private readonly dataSource: DataSource,
  ) {}

  @Get()
  @Header('Content-Type', prometheusContentType)
  @Header('Cache-Control', 'no-store')
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
