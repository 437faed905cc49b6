using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// What a stage leaves behind must be numbers: weights, maps, predictors and parameters are looked at when it ends.
/// </summary>
internal static class FiniteResults
{
    private const string Remedy =
        "Bring the features to mean 0 and variance 1 first, drop constant ones, and raise what the method offers "
        + "against singular problems: its ridge, penalty, regularization or kernel width; for a network lower the "
        + "learning rate or clip gradients.";

    /// <summary>Looks at a part that a stage has fitted.</summary>
    public static void Check(FitRun run, string name, IPart? part)
    {
        using var live = StateBag.ForLooking((entry, value) => Check(run, $"{name}'s {entry}", value));
        foreach (var saved in part.WithInner().OfType<ISavedPart>())
        {
            saved.Exchange(live);
        }
    }

    /// <summary>Looks at the parameters and buffers of the networks on top.</summary>
    public static void Check(FitRun run, AdaptationState state)
    {
        var parts = state.Extractor.WithInner().Concat(state.Predictor.WithInner());
        foreach (var part in parts.OfType<ITrainable>().DistinctBy(part => part.Module))
        {
            using var scope = NewDisposeScope();
            foreach (var (entry, value) in part.Module.state_dict())
            {
                Check(run, $"{part.Module.GetName()}, '{entry}'", value);
            }
        }
    }

    /// <summary>Looks at a tensor that a stage has fitted.</summary>
    public static void Check(FitRun run, string name, Tensor value)
    {
        using var scope = NewDisposeScope();
        if (value.is_floating_point() && !value.detach().sum().isfinite().item<bool>())
        {
            var lost = value.detach().isfinite().logical_not().sum().item<long>();
            if (lost > 0)
            {
                throw new NotFiniteNumberException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"stage {run.Stage + 1} of {run.Stages} ({run.StageName}) has ended, and its {name} hold "
                            + $"{lost} NaN or infinite of {value.numel()} values. {Remedy}"
                    )
                );
            }
        }
    }
}
