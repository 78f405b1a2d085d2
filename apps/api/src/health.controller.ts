import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { SkipThrottle } from '@nestjs/throttler';
import { CallsExportService } from 'nestjs-calls-export';
import { Readiness } from './readiness';

/** How long the result of a database check is cached. */
const CACHE_MS = 1_000;

/** Tells an orchestrator whether to restart the process (`live`) or send it requests (`ready`). */
@Controller('health')
@SkipThrottle()
@ApiExcludeController()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: Readiness,
    private readonly service: CallsExportService,
  ) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * Returns 503 if the database can't serve an export, all export slots are taken, or the process is shutting
   * down.
   */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.database(), () => this.exports()]);
  }

  /** Checks the database that exports read from: the replica, if there is one. */
  private database() {
    return this.indicators
      .check('database')
      .attempt(() => this.readiness.check())
      .cacheFor(CACHE_MS);
  }

  private exports() {
    const { running, most } = this.service.load;
    const indicator = this.indicators.check('exports');
    return running < most ? indicator.up({ running, most }) : indicator.down({ running, most });
  }
}
