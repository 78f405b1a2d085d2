'use strict';

/**
 * Traces the API with OpenTelemetry: `node --require ./tracing.cjs dist/apps/api/main.js`. Configure it with
 * the standard variables OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER.
 */
const { ServerResponse } = require('node:http');
const { SpanStatusCode } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

/** Ignores health checks and scrapes, which would be most of the spans. */
const isProbe = ({ url }) => /^\/(health|metrics)\b/.test(url);

registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: isProbe,
      /** Marks truncated responses as errors. Their status is still 200. */
      applyCustomAttributesOnSpan(span, _request, response) {
        if (response instanceof ServerResponse && !response.writableFinished)
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: 'The response was truncated',
          });
      },
    }),
    // Ignores new connections of the pool and the statements of the readiness check.
    new PgInstrumentation({ requireParentSpan: true }),
  ],
});
