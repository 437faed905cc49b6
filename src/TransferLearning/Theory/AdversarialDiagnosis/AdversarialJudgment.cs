using System.Globalization;

namespace TransferLearning.Theory;

/// <summary>What is wrong with some epochs of an adversarial training.</summary>
internal static class AdversarialJudgment
{
    /// <summary>The findings of the second half of the epochs, the likeliest cause first.</summary>
    public static IEnumerable<AdversarialFinding> Of(
        IReadOnlyList<AdversarialEpoch> epochs,
        AdversarialDiagnosis limits
    )
    {
        if (epochs.Count == 0)
        {
            yield break;
        }
        var late = epochs.Skip(epochs.Count / 2).ToList();
        var accuracy = late.Average(epoch => epoch.CriticAccuracy);
        var ratio = Median(late.Select(epoch => epoch.GradientRatio));
        var (learned, best) = (late[^1].LabelsLearned, epochs.Max(epoch => epoch.LabelsLearned));
        var apart = late.Average(epoch => epoch.Separability); // NaN says nothing
        if (ratio > limits.LargestRatio && learned < Math.Max(limits.LeastLearned, best - 0.3))
        {
            yield return new AdversarialFinding(
                AdversarialSymptom.WeightTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"At the source's features the adversarial gradient is {ratio:0.#} times the task's, and "
                        + $"the source's labels are {learned:0%} learned (at best {best:0%})."
                ),
                "Lower the adversarial weight, Schedule.SigmoidRamp(height: 0.1) for instance, and let it start at 0."
            );
        }
        if (accuracy < limits.ChanceAccuracy && apart > limits.SeparableDistance)
        {
            yield return new AdversarialFinding(
                AdversarialSymptom.CriticTooWeak,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The critic is right on {accuracy:0%} of the rows, no better than chance, while a linear "
                        + $"classifier tells the features apart (A-distance {apart:0.##} of 2)."
                ),
                "Let a phase move the critic (Oppose does), raise its learning rate by Optimize(critic, "
                    + "...), make it wider, or let it take more steps than the extractor."
            );
        }
        if (accuracy > limits.HighAccuracy)
        {
            var loss = late.Average(epoch => epoch.CriticLoss);
            var unweighted = Median(late.Select(epoch => epoch.CriticGradient / epoch.TaskGradient));
            if (ratio < limits.LeastRatio && unweighted >= limits.LeastRatio)
            {
                yield return new AdversarialFinding(
                    AdversarialSymptom.WeightTooSmall,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The critic is right on {accuracy:0%} of the rows, and at the source's features the "
                            + $"adversarial gradient is {ratio:0.####} times the task's; without its weight it "
                            + $"would be {unweighted:0.##} times."
                    ),
                    "Raise the adversarial weight, or let its ramp rise earlier."
                );
            }
            else if (loss < limits.SaturatedLoss * limits.GuessLoss / (2 * Math.Log(2)))
            {
                yield return new AdversarialFinding(
                    AdversarialSymptom.CriticSaturated,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The critic is right on {accuracy:0%} of the rows and its loss is {loss:0.###}, so "
                            + $"that most rows give the extractor no gradient."
                    ),
                    "Oppose in turns (OpposeInTurns), whose gradient does not vanish, lower the critic's "
                        + "learning rate, let it take fewer steps, or give it weight decay or dropout."
                );
            }
        }
        if (Swings(epochs, limits.LargestSwing) is { } swings)
        {
            yield return new AdversarialFinding(
                AdversarialSymptom.Oscillating,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The critic's accuracy has changed its direction by more than {limits.LargestSwing:0%} "
                        + $"{swings} times."
                ),
                "Lower both learning rates, let the rate decay (Schedule.InverseDecay()), or take larger batches."
            );
        }
        var last = late[^1];
        if (last.SourceClasses > 1 && IsCollapsed(last, limits))
        {
            yield return new AdversarialFinding(
                AdversarialSymptom.TargetCollapsed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Target rows are read as {last.PredictedClasses} of {last.SourceClasses} classes, and "
                        + $"the mean prediction has {last.TargetEvenness:0%} of the entropy of the source's classes."
                ),
                "Lower the adversarial weight and any weight of the target's entropy, start both later, and "
                    + "keep classes in use: InformationMaximization, ClassBalance, or a critic that sees classes "
                    + "(Recipes.Cdan). Where the target truly has few classes, weigh them (Recipes.Pada)."
            );
        }
    }

    private static bool IsCollapsed(AdversarialEpoch epoch, AdversarialDiagnosis limits) =>
        epoch.PredictedClasses * 2 <= epoch.SourceClasses || epoch.TargetEvenness < limits.LeastEvenness;

    // Turns of the critic's accuracy, each of a size that counts; null for fewer than two.
    private static int? Swings(IReadOnlyList<AdversarialEpoch> epochs, double least)
    {
        var turns = 0;
        var direction = 0;
        var mark = epochs[0].CriticAccuracy;
        foreach (var accuracy in epochs.Skip(1).Select(epoch => epoch.CriticAccuracy))
        {
            if (Math.Sign(accuracy - mark) == direction)
            {
                mark = accuracy; // on in the same direction
            }
            else if (Math.Abs(accuracy - mark) > least)
            {
                turns += direction == 0 ? 0 : 1;
                (direction, mark) = (Math.Sign(accuracy - mark), accuracy);
            }
        }
        return turns >= 3 ? turns : null;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Where(value => !double.IsNaN(value)).Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[sorted.Count / 2];
    }
}
