using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Modules whose weights follow those of others.</summary>
internal static class MovingAverage
{
    /// <summary>One step, <c>follower = share follower + (1 - share) leader</c>; buffers are copied.</summary>
    public static void Follow(nn.Module follower, nn.Module leader, double share)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        foreach (var (old, current) in follower.parameters().Zip(leader.parameters()))
        {
            old.lerp_(current.detach().to(old.dtype), tensor(1 - share, old.dtype, old.device));
        }
        foreach (var (old, current) in follower.buffers().Zip(leader.buffers()))
        {
            old.copy_(current);
        }
    }

    /// <summary>The part of a training whose weights can be followed: the extractor's branch for the target.</summary>
    /// <exception cref="InvalidOperationException">It cannot be trained.</exception>
    public static ITrainable Leader(TrainingView view, string who) =>
        view.Extractor.For(DomainId.Target) as ITrainable
        ?? throw new InvalidOperationException(
            $"{who} follows a trainable extractor; this one is a {view.Extractor.GetType().Name}."
        );
}
