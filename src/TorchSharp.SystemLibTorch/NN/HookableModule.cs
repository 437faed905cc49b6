namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose <c>call</c> runs hooks before and after <c>forward</c>, in the order of their registration.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            private OrderedDictionary<string, TPreHook>? preHooks;
            private OrderedDictionary<string, TPostHook>? postHooks;

            protected HookableModule(string name)
                : base(name) { }

            private protected IEnumerable<TPreHook> PreHooks => preHooks?.Values ?? (IEnumerable<TPreHook>)[];

            private protected IEnumerable<TPostHook> PostHooks => postHooks?.Values ?? (IEnumerable<TPostHook>)[];

            private protected bool HasHooks => preHooks is { Count: > 0 } || postHooks is { Count: > 0 };

            public HookRemover register_forward_pre_hook(TPreHook hook)
            {
                var key = Guid.NewGuid().ToString();
                (preHooks ??= new(StringComparer.Ordinal)).Add(key, hook);
                return new HookRemover(this, key);
            }

            public HookRemover register_forward_hook(TPostHook hook)
            {
                var key = Guid.NewGuid().ToString();
                (postHooks ??= new(StringComparer.Ordinal)).Add(key, hook);
                return new HookRemover(this, key);
            }

            /// <summary>Takes a hook off again.</summary>
            public class HookRemover
            {
                private readonly HookableModule<TPreHook, TPostHook> module;
                private readonly string key;

                public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                {
                    this.module = module;
                    this.key = key;
                }

                public void remove()
                {
                    module.preHooks?.Remove(key);
                    module.postHooks?.Remove(key);
                }
            }
        }
    }
}
