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
import { patientDriver } from './patient-driver';
import { Readiness } from './readiness';
import { DocsRedirectController, IndexController } from './root.controller';
import { tokenSettings } from './token-settings';

/** So much longer than the database may take for a statement, the API waits for its answer: only if the network is cut. */
const ANSWER_SECONDS = 10;
/** So long a statement may take if the database is not told when to give it up. */
const STATEMENT_SECONDS = 30;

/** The API: what it is composed of. */
@Module({})
export class AppModule {
  /** @param databaseUrl the PostgreSQL server, or the embedded one. */
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
          ...(primaryFallback && { driver: patientDriver() }),
        }),
        AuthModule.forRoot(tokenSettings(environment), (reason) => metrics?.refused(reason)),
        RateLimitsModule.forRoot({
          perAddress: environment.RATE_LIMIT_PER_ADDRESS,
          perAccount: environment.RATE_LIMIT_PER_ACCOUNT,
          redisUrl: environment.REDIS_URL,
          findAccount,
          onRefused: (subject) => metrics?.limited(subject),
        }),
        CallsExportModule.forRoot({
          path: EXPORT_PATH,
          findAccount,
          statuses: CALL_STATUSES === undefined ? undefined : { only: listOf(CALL_STATUSES) },
          maxConcurrent: environment.EXPORT_MAX_CONCURRENT,
          maxPerAccount: environment.EXPORT_MAX_PER_ACCOUNT,
          retryTimeout: environment.EXPORT_RETRY_TIMEOUT,
          queryTimeout: (DATABASE_STATEMENT_TIMEOUT || STATEMENT_SECONDS) + ANSWER_SECONDS,
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
