using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SimMatch (Zheng et al. 2022): cross-entropy, and weak and strong views of the target that are read alike and lie
    /// alike among the labeled rows.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="head">The projection head, features to <c>[n, D]</c>.</param>
    /// <param name="keyExtractor">The average of the extractor; the caller disposes it.</param>
    /// <param name="keyPredictor">The average of the predictor, likewise.</param>
    /// <param name="keyHead">The average of the head, likewise.</param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    /// <param name="threshold">The least confidence at which a row counts. Default 0.7.</param>
    public static AdaptationBuilder SimMatch(
        ModulePart extractor,
        ModulePart predictor,
        ModulePart head,
        ModulePart keyExtractor,
        ModulePart keyPredictor,
        ModulePart keyHead,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.7
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(head);
                net.Minimize(new CrossEntropy())
                    .Minimize(
                        new SimMatch(head, keyExtractor, keyPredictor, keyHead, strong, weak) { Threshold = threshold },
                        weight
                    );
            }
        );
}
