using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A module of one input that holds nothing to train, move or save.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name)
        : base(name) { }
}
