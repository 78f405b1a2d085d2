export { algorithmsOf } from './lib/algorithms';
export { AuthModule } from './lib/auth.module';
export { claimAt } from './lib/claim-at';
export { signToken } from './lib/sign-token';
export { REFUSAL_REASONS, type RefusalReason } from './lib/token-refused';
export type { TokenKey, TokenSettings } from './lib/token-settings';
