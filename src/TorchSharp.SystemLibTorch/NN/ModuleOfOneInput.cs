namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module of one input: derived classes write <see cref="forward"/>, users call <see cref="call"/>.</summary>
        public abstract class Module<T, TResult>
            : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>,
                IModule<T, TResult>
        {
            protected Module(string name)
                : base(name) { }

            public abstract TResult forward(T input);

            public TResult call(T input)
            {
                if (!HasHooks)
                {
                    return forward(input);
                }
                foreach (var hook in PreHooks.ToArray())
                {
                    input = hook(this, input) ?? input;
                }
                var result = forward(input);
                foreach (var hook in PostHooks.ToArray())
                {
                    result = hook(this, input, result) ?? result;
                }
                return result;
            }
        }
    }
}
