import { AuthModule } from '@calls/auth';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule } from 'nestjs-calls-export';
import { DataSource } from 'typeorm';
import { servesDocs } from './api-document';
import { dataSourceOptions } from './data-source-options';
import type { Environment } from './environment';
import { listOf } from './setting-rules';
import { ErrorBodyFilter } from './error-body.filter';
import { EXPORT_PATH } from './export-path';
import { HealthController } from './health.controller';
import { metricsParts } from './metrics/metrics-parts';
import { RateLimitsModule } from './rate-limits/rate-limits.module';
import { Readiness } from './readiness';
import { DocsRedirectController, IndexController } from './root.controller';
import { tokenSettings } from './token-settings';

const CONNECT_TIMEOUT_MS = 5_000;
/** So much longer than the database may take for a statement, the API waits for its answer: only if the network is cut. */
const ANSWER_SECONDS = 10;

/** The API: what it is composed of. */
@Module({})
export class AppModule {
  /** @param databaseUrl the PostgreSQL server, or the embedded one. */
  static forRoot(environment: Environment, databaseUrl: string): DynamicModule {
    const { CALL_STATUSES } = environment;
    const { metrics, controllers, providers } = metricsParts(environment);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({
          ...dataSourceOptions(databaseUrl, environment.DATABASE_READ_URL),
          connectTimeoutMS: CONNECT_TIMEOUT_MS,
          extra: { statement_timeout: environment.DATABASE_STATEMENT_TIMEOUT * 1000 },
        }),
        AuthModule.forRoot(tokenSettings(environment)),
        RateLimitsModule.forRoot(
          environment.RATE_LIMIT_PER_ADDRESS,
          environment.RATE_LIMIT_PER_ACCOUNT,
          environment.REDIS_URL,
          (limit) => metrics?.limited(limit),
        ),
        CallsExportModule.forRoot({
          path: EXPORT_PATH,
          statuses: CALL_STATUSES === undefined ? undefined : { only: listOf(CALL_STATUSES) },
          maxConcurrent: environment.EXPORT_MAX_CONCURRENT,
          maxPerAccount: environment.EXPORT_MAX_PER_ACCOUNT,
          retryTimeout: environment.EXPORT_RETRY_TIMEOUT,
          queryTimeout: environment.DATABASE_STATEMENT_TIMEOUT + ANSWER_SECONDS,
          pageMemory: environment.EXPORT_PAGE_MEMORY,
          idleTimeout: environment.EXPORT_IDLE_TIMEOUT,
          maxDuration: environment.EXPORT_MAX_DURATION,
          countTimeout: environment.EXPORT_COUNT_TIMEOUT,
          acceptHttp10: environment.EXPORT_HTTP_1_0 === 'true',
          copy: environment.DATABASE_COPY !== 'false',
          onExportEnd: (report) => metrics?.observe(report),
        }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [
        servesDocs(environment) ? DocsRedirectController : IndexController,
        HealthController,
        ...controllers,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ErrorBodyFilter },
        {
          provide: Readiness,
          useFactory: (dataSource: DataSource) =>
            new Readiness(environment.DATABASE_READ_URL ?? databaseUrl, dataSource),
          inject: [DataSource],
        },
        ...providers,
      ],
    };
  }
}
