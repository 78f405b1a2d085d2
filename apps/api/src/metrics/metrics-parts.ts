import type { Provider, Type } from '@nestjs/common';
import type { Environment } from '../environment';
import { namesThisMachine } from '../local-hosts';
import { Metrics } from './metrics';
import { MetricsReader } from './metrics-reader';
import { MetricsController } from './metrics.controller';
import { MetricsServer } from './metrics-server';

/** What metrics add to the app. */
export interface MetricsParts {
  readonly metrics?: Metrics;
  readonly controllers: Type[];
  readonly providers: Provider[];
}

/**
 * Returns the parts for METRICS or METRICS_PORT, or none. METRICS_PORT serves the metrics on that port only.
 */
export function metricsParts(environment: Environment): MetricsParts {
  const { METRICS, METRICS_PORT, HOST, DATABASE_URL } = environment;
  if (METRICS !== 'true' && METRICS_PORT === undefined) return { controllers: [], providers: [] };
  const metrics = new Metrics();
  const providers: Provider[] = [{ provide: Metrics, useValue: metrics }, MetricsReader];
  if (METRICS_PORT === undefined) return { metrics, controllers: [MetricsController], providers };
  const server: Provider = {
    provide: MetricsServer,
    useFactory: (reader: MetricsReader) =>
      new MetricsServer(reader, HOST, METRICS_PORT, DATABASE_URL ? () => true : namesThisMachine),
    inject: [MetricsReader],
  };
  return { metrics, controllers: [], providers: [...providers, server] };
}
