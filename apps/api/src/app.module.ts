import { AuthModule } from '@calls/auth';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CallsExportModule } from 'nestjs-calls-export';
import { DataSource } from 'typeorm';
import { accountOf } from './account-claim';
import { servesDocs } from './api-document';
import { dataSourceOptions } from './data-source-options';
import { servingOptions } from './database';
import type { Environment } from './environment';
import { listOf } from './setting-rules';
import { ErrorBodyFilter } from './error-body.filter';
import { EXPORT_PATH } from './export-path';
import { HealthController } from './health.controller';
import { metricsParts } from './metrics/metrics-parts';
import { RateLimitsModule } from './rate-limits/rate-limits.module';
import { lazyDriver } from './lazy-driver';
import { Readiness } from './readiness';
import { DocsRedirectController, IndexController } from './root.controller';
import { tokenSettings } from './token-settings';

/**
 * How much longer than the statement timeout the API waits for the database. This only matters if the network
 * fails.
 */
const NETWORK_SECONDS = 10;
/** The assumed statement timeout if DATABASE_STATEMENT_TIMEOUT is 0. */
const STATEMENT_SECONDS = 30;

/** The root module of the API. */
@Module({})
export class AppModule {
  /** @param databaseUrl DATABASE_URL, or the URL of the embedded database. */
  static forRoot(environment: Environment, databaseUrl: string): DynamicModule {
    const { CALL_STATUSES, DATABASE_READ_URL, DATABASE_STATEMENT_TIMEOUT } = environment;
    const findAccount = ({ user }: { user?: unknown }) => accountOf(user, environment);
    const primaryFallback =
      DATABASE_READ_URL !== undefined && environment.DATABASE_READ_FALLBACK === 'true';
    const readUrls = [DATABASE_READ_URL ?? databaseUrl, ...(primaryFallback ? [databaseUrl] : [])];
    const { metrics, controllers, providers } = metricsParts(environment);
    return {
      module: AppModule,
      imports: [
        TypeOrmModule.forRoot({
          ...dataSourceOptions(databaseUrl, DATABASE_READ_URL, environment.ACCOUNT_TYPE),
          ...servingOptions(environment),
          ...(primaryFallback && { driver: lazyDriver() }),
        }),
        AuthModule.forRoot(tokenSettings(environment), (reason) => metrics?.refused(reason)),
        RateLimitsModule.forRoot({
          perAddress: environment.RATE_LIMIT_PER_ADDRESS,
          perAccount: environment.RATE_LIMIT_PER_ACCOUNT,
          redisUrl: environment.REDIS_URL,
          findAccount,
          onRefused: (scope) => metrics?.limited(scope),
        }),
        CallsExportModule.forRoot({
          path: EXPORT_PATH,
          findAccount,
          statuses: CALL_STATUSES === undefined ? undefined : { only: listOf(CALL_STATUSES) },
          maxConcurrent: environment.EXPORT_MAX_CONCURRENT,
          maxPerAccount: environment.EXPORT_MAX_PER_ACCOUNT,
          retryTimeout: environment.EXPORT_RETRY_TIMEOUT,
          queryTimeout: (DATABASE_STATEMENT_TIMEOUT || STATEMENT_SECONDS) + NETWORK_SECONDS,
          pageMemory: environment.EXPORT_PAGE_MEMORY,
          idleTimeout: environment.EXPORT_IDLE_TIMEOUT,
          maxDuration: environment.EXPORT_MAX_DURATION,
          countTimeout: environment.EXPORT_COUNT_TIMEOUT,
          acceptHttp10: environment.EXPORT_HTTP_1_0 === 'true',
          copy: environment.DATABASE_COPY === 'true',
          primaryFallback,
          fileName: environment.EXPORT_FILE_NAME,
          delimiter: environment.EXPORT_DELIMITER === 'tab' ? '\t' : environment.EXPORT_DELIMITER,
          byteOrderMark: environment.EXPORT_BYTE_ORDER_MARK === 'true',
          formulaGuard: environment.EXPORT_FORMULA_GUARD === 'true',
          pageSize: environment.EXPORT_PAGE_SIZE,
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
            new Readiness(readUrls, dataSource, environment.ACCOUNT_TYPE),
          inject: [DataSource],
        },
        ...providers,
      ],
    };
  }
}
