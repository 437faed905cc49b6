using TorchSharp.Modules;
using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// Features of length 1 and class probabilities of all target rows, as a training has last seen them. They carry no
/// gradient.
/// </summary>
internal sealed class TargetMemory
{
    private Tensor? features; // [m, d]
    private Tensor? classes; // [m, C]

    /// <summary>The features <c>[m, d]</c>; null before the first step.</summary>
    public Tensor? Features => features;

    /// <summary>The class probabilities <c>[m, C]</c>; null before the first step.</summary>
    public Tensor? Classes => classes;

    /// <summary>Rows divided by their length, as constants.</summary>
    public static Tensor Unit(Tensor rows) => nn.functional.normalize(rows.detach(), 2, 1);

    /// <summary>
    /// What a step sees of its target rows, once a step: by its own pass, or, where dropout layers are at work, by a
    /// further one in evaluation mode, because what is near by features of which half are struck out at random is
    /// another row each time. <see cref="Take"/> keeps it. They belong to the step.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="own">The features of its target rows <c>[b, d]</c>.</param>
    /// <param name="scores">Their logits <c>[b, C]</c>.</param>
    public (Tensor Features, Tensor Classes) See(StepContext step, Tensor own, Tensor scores)
    {
        var seen = step.Once(
            this,
            step.Target,
            () =>
            {
                using var quiet = no_grad();
                if (!HasDropout(step.Extractor, step.Predictor))
                {
                    return new Seen(Unit(own), scores.softmax(1).detach());
                }
                using var mode = EvaluationMode.Of(step.Extractor, step.Predictor);
                var whole = step.Extractor.For(step.Target.Domain).Extract(step.Target.Inputs);
                return new Seen(Unit(whole), step.Predictor.Predict(whole).softmax(1));
            }
        );
        return (seen.Features!, seen.Classes!);
    }

    /// <summary>Remembers all target rows by one pass.</summary>
    public void Fill(TrainingView view)
    {
        Forget();
        using var scope = NewDisposeScope();
        var all = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        features = Unit(all).DetachFromDisposeScope();
        classes = view.Predictor.Predict(all).softmax(1).DetachFromDisposeScope();
    }

    /// <summary>Remembers a step's rows as they were in it; nothing where nobody looked at them.</summary>
    public void Take(StepContext step)
    {
        using var scope = NewDisposeScope();
        var seen = step.Once(this, step.Target, () => new Seen(null, null));
        if (seen.Features is null || seen.Classes is null)
        {
            return; // the term had weight 0 in this step
        }
        var rows = step.Target.Rows.to(features!.device);
        features.index_copy_(0, rows, seen.Features.to(features.dtype));
        classes!.index_copy_(0, rows, seen.Classes.to(classes.dtype));
    }

    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("features", ref features);
        state.Slot("classes", ref classes);
    }

    public void Forget()
    {
        features?.Dispose();
        classes?.Dispose();
        (features, classes) = (null, null);
    }

    private static bool HasDropout(params ReadOnlySpan<IPart> parts)
    {
        foreach (var part in parts)
        {
            foreach (var inner in part.WithInner().OfType<ITrainable>())
            {
                var isAtWork = Modes
                    .Now(inner.Module)
                    .Exists(mode =>
                        mode.IsTraining
                        && mode.Module
                            is (Dropout or Dropout1d or Dropout2d or Dropout3d or AlphaDropout or FeatureAlphaDropout)
                    );
                if (isAtWork)
                {
                    return true;
                }
            }
        }
        return false;
    }

    private sealed record Seen(Tensor? Features, Tensor? Classes);
}
