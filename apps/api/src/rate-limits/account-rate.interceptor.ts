import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { RateLimitGuard } from './rate-limit.guard';

/**
 * Applies the rate limit of the account. An interceptor runs after all guards, so the token has been
 * verified.
 */
export class AccountRateInterceptor implements NestInterceptor {
  constructor(private readonly guard: RateLimitGuard) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { user } = context.switchToHttp().getRequest<{ user?: unknown }>();
    if (user) await this.guard.canActivate(context);
    return next.handle();
  }
}
