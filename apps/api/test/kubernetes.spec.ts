import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TIMEOUT_MS } from '@calls/testing';
import { parseAllDocuments } from 'yaml';
import ts from 'typescript';
import { readEnvironment, SETTINGS } from '../src/read-environment';
import { readWorkspaceFile, ROOT } from './workspace';

const DIRECTORY = join(ROOT, 'deploy/kubernetes');
/** The module that has the types of an API version. */
const TYPES: [apiVersion: RegExp, module: string][] = [
  [/^v1$/, 'kubernetes-models/v1'],
  [/^monitoring\./, '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'],
  [/^(apps|batch|autoscaling|policy)\/v\d$/, 'kubernetes-models'],
];

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; labels?: Record<string, string> };
  // The compiler checks the manifest itself; the tests read nested fields.
  readonly [part: string]: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** The manifests in a file. */
function manifestsIn(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(DIRECTORY, path), 'utf8')).map(
    (document) => document.toJS() as Manifest,
  );
}

const KUSTOMIZATIONS = ['service', 'migration', 'monitoring'];
const resourcesOf = (name: string) => manifestsIn(`${name}/kustomization.yaml`)[0]?.['resources'];
const manifests = KUSTOMIZATIONS.flatMap((name) =>
  resourcesOf(name).flatMap((file: string) => manifestsIn(join(name, file))),
);
const secrets = manifestsIn('secret.example.yaml');

const only = (kind: string) => {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
};

/** The module that has the type of this manifest. */
function moduleOf({ apiVersion }: Manifest): string {
  const [, module] = TYPES.find(([pattern]) => pattern.test(apiVersion)) ?? [];
  if (module === undefined) throw new Error(`No types for ${apiVersion}`);
  return module === 'kubernetes-models' ? `${module}/${apiVersion}` : module;
}

/** The errors of the compiler if the manifests are typed as Kubernetes objects, such as unknown fields. */
function typeErrorsOf(checked: Manifest[]): string[] {
  const source = checked.map(
    (
      manifest,
      index,
    ) => `import type { I${manifest.kind} as T${index} } from '${moduleOf(manifest)}';
export const manifest${index}: T${index} = ${JSON.stringify(manifest, null, 2)};`,
  );
  const file = join(ROOT, 'apps/api/test/manifests-in-memory.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.readFile = (path) => (path === file ? source.join('\n') : readFile(path));
  host.getSourceFile = (path, languageVersion, ...rest) =>
    path === file
      ? ts.createSourceFile(path, source.join('\n'), languageVersion)
      : getSourceFile(path, languageVersion, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('The Kubernetes manifests', () => {
  it(
    'match the types of their kinds, without unknown fields',
    () => {
      expect(typeErrorsOf([...manifests, ...secrets])).toEqual([]);
      const deployment = structuredClone(only('Deployment'));
      deployment['spec'].template.spec.containers[0].readOnlyRootFilesystem = true;
      deployment['spec'].strategy.type = 'Rolling';
      const monitor = structuredClone(only('ServiceMonitor'));
      monitor['spec'].endpoints[0].ports = 'metrics';
      const autoscaler = structuredClone(only('HorizontalPodAutoscaler'));
      delete autoscaler['spec'].maxReplicas;
      const errors = typeErrorsOf([deployment, monitor, autoscaler]).join('\n');
      expect(errors).toContain('"readOnlyRootFilesystem"\' does not exist');
      expect(errors).toContain('"Rolling"');
      expect(errors).toContain('"ports"');
      expect(errors).toContain('"maxReplicas"\' is missing');
    },
    TIMEOUT_MS,
  );

  it('are all listed in a kustomization, except the example secrets', () => {
    for (const name of KUSTOMIZATIONS) {
      const files = readdirSync(join(DIRECTORY, name)).filter(
        (file) => file !== 'kustomization.yaml',
      );
      expect(files.sort()).toEqual([...resourcesOf(name)].sort());
    }
    expect(existsSync(join(DIRECTORY, 'secret.example.yaml'))).toBe(true);
  });

  it('use the same image and tag', () => {
    const images = ['service', 'migration'].map(
      (name) => manifestsIn(`${name}/kustomization.yaml`)[0]?.['images'],
    );
    expect(images[0]).toEqual(images[1]);
    for (const kind of ['Deployment', 'Job'])
      for (const { image } of only(kind)['spec'].template.spec.containers)
        expect(image).toBe(images[0][0].name);
  });

  it('select the pods of the API, but not those of the migration', () => {
    const { labels } = only('Deployment')['spec'].template.metadata;
    expect(only('Deployment')['spec'].selector.matchLabels).toEqual(labels);
    expect(only('Service')['spec'].selector).toEqual(labels);
    expect(only('PodDisruptionBudget')['spec'].selector.matchLabels).toEqual(labels);
    const [spread] = only('Deployment')['spec'].template.spec.topologySpreadConstraints;
    expect(spread.labelSelector.matchLabels).toEqual(labels);
    expect(only('Job')['spec'].template.metadata.labels).not.toEqual(labels);
    expect(only('Service').metadata.labels).toMatchObject(
      only('ServiceMonitor')['spec'].selector.matchLabels,
    );
    const { kind, name } = only('HorizontalPodAutoscaler')['spec'].scaleTargetRef;
    expect([kind, name]).toEqual(['Deployment', only('Deployment').metadata.name]);
  });

  it('agree on the ports, with a separate one for metrics', () => {
    const [container] = only('Deployment')['spec'].template.spec.containers;
    const portOf = (wanted: string) =>
      container.ports.find(({ name }: { name: string }) => name === wanted).containerPort;
    const dockerfile = readWorkspaceFile('Dockerfile');
    expect(dockerfile).toMatch(new RegExp(`^ENV .*PORT=${portOf('http')}$`, 'm'));
    expect(String(portOf('metrics'))).toBe(only('ConfigMap')['data'].METRICS_PORT);
    const ports = only('Service')['spec'].ports as { name: string; targetPort: string }[];
    expect(ports.map(({ name, targetPort }) => [name, targetPort])).toEqual([
      ['http', 'http'],
      ['metrics', 'metrics'],
    ]);
    expect(only('ServiceMonitor')['spec'].endpoints[0].port).toBe('metrics');
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      expect(container[probe].httpGet.port).toBe('http');
    expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
    expect(container.livenessProbe.httpGet.path).toBe('/health/live');
  });

  it('give exports SHUTDOWN_GRACE to finish before the pod is killed', () => {
    const { terminationGracePeriodSeconds, containers } = only('Deployment')['spec'].template.spec;
    const [, pause] = containers[0].lifecycle.preStop.exec.command;
    const { SHUTDOWN_GRACE } = readEnvironment(only('ConfigMap')['data']);
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(pause) + SHUTDOWN_GRACE);
  });

  it('only set known settings, and only refer to existing config maps and secrets', () => {
    const names = [only('ConfigMap'), ...secrets].flatMap(({ data, stringData }) =>
      Object.keys(data ?? stringData),
    );
    expect(SETTINGS).toEqual(expect.arrayContaining(names));
    for (const { data, stringData } of [only('ConfigMap'), ...secrets])
      expect(() => readEnvironment(data ?? stringData)).not.toThrow();
    const there = [only('ConfigMap'), ...secrets].map(({ metadata }) => metadata.name);
    for (const kind of ['Deployment', 'Job'])
      for (const { configMapRef, secretRef } of only(kind)['spec'].template.spec.containers[0]
        .envFrom)
        expect(there).toContain((configMapRef ?? secretRef).name);
  });

  it.each(['Deployment', 'Job'])(
    'give the pods of the %s no more privileges than they need',
    (kind) => {
      const { securityContext, automountServiceAccountToken, containers } =
        only(kind)['spec'].template.spec;
      expect(automountServiceAccountToken).toBe(false);
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      const user = `${securityContext.runAsUser}:${securityContext.runAsGroup}`;
      expect(readWorkspaceFile('Dockerfile')).toContain(`\nUSER ${user}\n`);
      for (const container of containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    },
  );
});
