export { dataSourceOptions } from './lib/data-source-options';
export { Assistant } from './lib/entities/assistant.entity';
export { Call } from './lib/entities/call.entity';
export { portableEntities } from './lib/entities/portable-entities';
export { CALL_STATUSES, type CallStatus } from './lib/call-status';
export { seedCalls } from './lib/seed-calls';
