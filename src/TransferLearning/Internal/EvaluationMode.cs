using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Puts every module inside some parts into evaluation mode and, when disposed, back into the mode that it was in.</summary>
internal readonly struct EvaluationMode : IDisposable
{
    private readonly List<(nn.Module Module, List<nn.Module> Resting)> changed;

    private EvaluationMode(List<(nn.Module, List<nn.Module>)> modules) => changed = modules;

    public static EvaluationMode Of(params ReadOnlySpan<object?> parts)
    {
        var modules = new List<(nn.Module, List<nn.Module>)>();
        foreach (var part in parts)
        {
            foreach (var inner in part.WithInner())
            {
                if (inner is ITrainable { Module.training: true } trainable)
                {
                    // Submodules that rest already (frozen statistics) must go on resting afterwards.
                    var resting = trainable
                        .Module.named_modules()
                        .Select(pair => pair.module)
                        .Where(module => !module.training);
                    modules.Add((trainable.Module, [.. resting]));
                    trainable.Module.eval();
                }
            }
        }
        return new EvaluationMode(modules);
    }

    public void Dispose()
    {
        foreach (var (module, resting) in changed)
        {
            module.train();
            resting.ForEach(inner => inner.eval());
        }
    }
}
