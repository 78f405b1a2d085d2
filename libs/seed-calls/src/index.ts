export { seedCalls } from './lib/seed-calls';
