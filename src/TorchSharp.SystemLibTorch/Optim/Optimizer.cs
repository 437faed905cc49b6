#nullable disable // TorchSharp declares its optimisers without nullable annotations.
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimisers and learning-rate schedules.</summary>
    public static partial class optim
    {
        /// <summary>What every optimiser offers.</summary>
        public abstract class Optimizer : IDisposable
        {
            private protected readonly List<ParamGroup> groups = [];

            private protected Optimizer() { }

            public virtual IEnumerable<ILearningRateController> ParamGroups => groups;

            public virtual Tensor step(Func<Tensor> closure = null) => throw new NotSupportedException();

            public virtual void zero_grad() => throw new NotSupportedException();

            public virtual IEnumerable<Parameter> parameters() => throw new NotSupportedException();

            public virtual void add_param_group(ParamGroup param_group) => throw new NotSupportedException();

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (disposing)
                {
                    DisposeStates();
                }
            }

            private protected abstract void DisposeStates();

            /// <summary>An optimiser's options, one a group, and states, one a parameter; they are the live objects.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                public List<OptimizerOptions> Options { get; } = [];

                public List<OptimizerState> State { get; } = [];
            }
        }
    }
}
