import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { RateLimitGuard } from './rate-limit.guard';

/** Applies the limit of the account. It is no guard, since it has to wait for the one that verifies the token. */
export class AccountRateInterceptor implements NestInterceptor {
  constructor(private readonly guard: RateLimitGuard) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { user } = context.switchToHttp().getRequest<{ user?: unknown }>();
    if (user) await this.guard.canActivate(context);
    return next.handle();
  }
}
