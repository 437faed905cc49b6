using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Which modules some model predicts by, so that who trains one of them again can be told that the model changes with
/// it.
/// </summary>
internal static class ModelsInUse
{
    private static readonly ConditionalWeakTable<nn.Module, WeakReference<AdaptedModel>> Models = [];

    /// <summary>A model predicts by these modules until it is disposed or forgotten.</summary>
    public static void Add(AdaptedModel model, IEnumerable<nn.Module> modules)
    {
        foreach (var module in modules)
        {
            Models.AddOrUpdate(module, new(model));
        }
    }

    /// <summary>Whether a model predicts by a module or by something inside it.</summary>
    public static bool Contains(nn.Module module) =>
        Modes
            .Of(module)
            .Any(inner =>
                Models.TryGetValue(inner, out var holder) && holder.TryGetTarget(out var model) && !model.IsDisposed
            );
}
