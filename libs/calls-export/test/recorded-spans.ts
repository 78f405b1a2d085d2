import type { Span } from '@opentelemetry/api';
import { PgInstrumentation, type PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg';
import type {
  BasicTracerProvider,
  ReadableSpan,
  SpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** Records the spans that are running and those that have ended. */
export class RecordedSpans implements SpanProcessor {
  readonly running = new Map<string, string>();
  ended: ReadableSpan[] = [];

  onStart(span: ReadableSpan): void {
    this.running.set(span.spanContext().spanId, statementOf(span));
  }

  onEnd(span: ReadableSpan): void {
    this.running.delete(span.spanContext().spanId);
    this.ended.push(span);
  }

  /** The ended spans in the trace of a job, without the job's own. */
  of(job: Span): ReadableSpan[] {
    const { traceId, spanId } = job.spanContext();
    return this.ended.filter((span) => {
      const own = span.spanContext();
      return own.traceId === traceId && own.spanId !== spanId;
    });
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export const statementOf = ({ attributes, name }: ReadableSpan) =>
  String(attributes['db.query.text'] ?? name);

/** OpenTelemetry's instrumentation of `pg`. */
export class PatchedPg extends PgInstrumentation {
  /** Patches the loaded modules, since Jest does not use the `require` that the instrumentation hooks. */
  static of(provider: BasicTracerProvider, config: PgInstrumentationConfig): PatchedPg {
    const instrumentation = new PatchedPg({ ...config, enabled: false });
    instrumentation.setTracerProvider(provider);
    for (const { name, patch } of instrumentation.init()) patch?.(jest.requireActual(name));
    return instrumentation;
  }

  restore(): void {
    for (const { name, unpatch } of this.init()) unpatch?.(jest.requireActual(name));
  }
}
